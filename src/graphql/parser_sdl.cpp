#include <array>
#include <utility>

#include "graphql/parser_state.h"

namespace millwright::graphql {
namespace {

constexpr std::array<std::pair<std::string_view, TypeKind>, 6> kTypeKeywords{{
    {"scalar", TypeKind::kScalar},
    {"type", TypeKind::kObject},
    {"interface", TypeKind::kInterface},
    {"union", TypeKind::kUnion},
    {"enum", TypeKind::kEnum},
    {"input", TypeKind::kInputObject},
}};

constexpr std::array<std::pair<std::string_view, OperationKind>, 3> kRoots{{
    {"query", OperationKind::kQuery},
    {"mutation", OperationKind::kMutation},
    {"subscription", OperationKind::kSubscription},
}};

}  // namespace

bool Parser::type_system_definition(ast::Document& document) {
  const ast::Location location = current_.location;
  std::optional<std::string> text = description();
  const bool extends = !text && accept_keyword("extend");
  if (at_keyword("schema")) {
    ast::SchemaDefinition& schema = document.schemas.emplace_back(schema_definition());
    schema.extends = extends;
    schema.description = std::move(text);
    schema.location = location;
    return true;
  }
  if (at_keyword("directive") && !extends) {
    ast::DirectiveTypeDefinition& directive =
        document.directives.emplace_back(directive_definition());
    directive.description = std::move(text);
    directive.location = location;
    return true;
  }
  for (const auto& [word, kind] : kTypeKeywords) {
    if (!accept_keyword(word)) continue;
    ast::TypeDefinition type = type_definition(kind);
    type.extends = extends;
    type.description = std::move(text);
    type.location = location;
    document.types.push_back(std::move(type));
    return true;
  }
  return false;
}

ast::SchemaDefinition Parser::schema_definition() {
  ast::SchemaDefinition out;
  advance();
  out.directives = directives(true);
  block("{", "}", [&] {
    for (const auto& [word, kind] : kRoots) {
      if (!accept_keyword(word)) continue;
      expect(":");
      out.roots.emplace_back(kind, name_reference("a type name"));
      return;
    }
    fail_unexpected("'query', 'mutation' or 'subscription'");
  });
  return out;
}

// The keyword is behind us.
ast::TypeDefinition Parser::type_definition(TypeKind kind) {
  ast::TypeDefinition out;
  out.kind = kind;
  out.name = name("a type name");
  if (kind == TypeKind::kObject || kind == TypeKind::kInterface) out.interfaces = implements();
  out.directives = directives(true);
  if (kind == TypeKind::kObject || kind == TypeKind::kInterface) out.fields = field_definitions();
  if (kind == TypeKind::kUnion) out.members = union_members();
  if (kind == TypeKind::kEnum) out.enum_values = enum_values();
  if (kind == TypeKind::kInputObject) out.input_fields = input_values("{", "}");
  return out;
}

ast::DirectiveTypeDefinition Parser::directive_definition() {
  ast::DirectiveTypeDefinition out;
  advance();
  expect("@");
  out.name = name("a directive name");
  out.arguments = input_values("(", ")");
  out.repeatable = accept_keyword("repeatable");
  if (!accept_keyword("on")) fail_unexpected("'on'");
  accept("|");
  do {
    out.locations.push_back(name_reference("a directive location"));
  } while (accept("|"));
  return out;
}

std::optional<std::string> Parser::description() {
  if (current_.kind != TokenKind::kString) return std::nullopt;
  std::string text = std::move(current_.value);
  advance();
  return text;
}

std::vector<ast::NameReference> Parser::implements() {
  std::vector<ast::NameReference> out;
  if (!accept_keyword("implements")) return out;
  accept("&");
  do {
    out.push_back(name_reference("an interface name"));
  } while (accept("&"));
  return out;
}

std::vector<ast::NameReference> Parser::union_members() {
  std::vector<ast::NameReference> out;
  if (!accept("=")) return out;
  accept("|");
  do {
    out.push_back(name_reference("a type name"));
  } while (accept("|"));
  return out;
}

std::vector<ast::FieldDefinition> Parser::field_definitions() {
  std::vector<ast::FieldDefinition> out;
  block("{", "}", [&] {
    ast::FieldDefinition& field = out.emplace_back();
    field.description = description();
    field.location = current_.location;
    field.name = name("a field name");
    field.arguments = input_values("(", ")");
    expect(":");
    field.type = type_reference();
    field.directives = directives(true);
  });
  return out;
}

std::vector<ast::InputValueDefinition> Parser::input_values(std::string_view open,
                                                            std::string_view close) {
  std::vector<ast::InputValueDefinition> out;
  block(open, close, [&] {
    ast::InputValueDefinition& input = out.emplace_back();
    input.description = description();
    input.location = current_.location;
    input.name = name("a name");
    expect(":");
    input.type = type_reference();
    if (accept("=")) input.default_value = value(true);
    input.directives = directives(true);
  });
  return out;
}

std::vector<ast::EnumValueDefinition> Parser::enum_values() {
  std::vector<ast::EnumValueDefinition> out;
  block("{", "}", [&] {
    ast::EnumValueDefinition& value_definition = out.emplace_back();
    value_definition.description = description();
    value_definition.location = current_.location;
    if (at_keyword("true") || at_keyword("false") || at_keyword("null")) {
      fail_unexpected("an enum value other than true, false and null");
    }
    value_definition.name = name("an enum value");
    value_definition.directives = directives(true);
  });
  return out;
}

}  // namespace millwright::graphql
