#include "graphql/schema_builder.h"

#include <utility>

#include "base/text.h"
#include "graphql/parser.h"
#include "graphql/schema_check.h"

namespace millwright::graphql {
namespace {

constexpr ParseOptions kSchemaLimits{
    .max_bytes = 1 << 20, .max_tokens = 200'000, .max_nesting = 64};

bool is_reserved(std::string_view name) { return name.starts_with("__"); }

template <typename Items>
void append(Items& to, Items& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

ScalarKind scalar_kind(std::string_view name) {
  if (name == "Int") return ScalarKind::kInt;
  if (name == "Float") return ScalarKind::kFloat;
  if (name == "String") return ScalarKind::kString;
  if (name == "Boolean") return ScalarKind::kBoolean;
  if (name == "ID") return ScalarKind::kId;
  return ScalarKind::kCustom;
}

}  // namespace

Error schema_error(ast::Location location, std::string_view message) {
  return invalid_argument("Schema, line " + std::to_string(location.line) + ", column " +
                          std::to_string(location.column) + ": " + std::string(message));
}

SchemaBuilder::SchemaBuilder() : schema_(new Schema()) {}

Result<std::shared_ptr<const Schema>> SchemaBuilder::build(std::string_view sdl) {
  SchemaBuilder builder;
  for (const bool built_in : {true, false}) {
    auto parsed = parse(built_in ? schema_prelude() : sdl, kSchemaLimits);
    if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
      return schema_error(error->location, error->message);
    }
    MW_TRY(builder.take(std::get<ast::Document>(std::move(parsed)), built_in));
  }
  for (ast::TypeDefinition& extension : builder.extensions_) {
    MW_TRY(builder.extend(std::move(extension)));
  }
  MW_TRY(builder.fill_types());
  MW_TRY(builder.fill_directives());
  MW_TRY(builder.fill_roots());
  MW_TRY(check_schema(*builder.schema_));
  builder.add_meta_fields();
  MW_TRY(builder.coerce_defaults());
  MW_TRY(builder.apply_directives());
  return std::shared_ptr<const Schema>(std::move(builder.schema_));
}

Result<> SchemaBuilder::take(ast::Document document, bool built_in) {
  if (!document.operations.empty() || !document.fragments.empty()) {
    const ast::Location location = document.operations.empty()
                                       ? document.fragments.front().location
                                       : document.operations.front().location;
    return schema_error(location, "a schema holds no operations and no fragments.");
  }
  for (ast::TypeDefinition& type : document.types) {
    if (type.extends) {
      extensions_.push_back(std::move(type));
    } else {
      MW_TRY(define_type(std::move(type), built_in));
    }
  }
  for (ast::DirectiveTypeDefinition& directive : document.directives) {
    std::string name = directive.name;
    if ((is_reserved(name) && !built_in) || directive_definitions_.contains(name)) {
      return schema_error(directive.location,
                          "directive " + quote(name) + " is reserved or defined twice.");
    }
    directive_definitions_.emplace(std::move(name), std::move(directive));
  }
  append(schema_definitions_, document.schemas);
  return {};
}

Result<> SchemaBuilder::define_type(ast::TypeDefinition definition, bool built_in) {
  if (is_reserved(definition.name) && !built_in) {
    return schema_error(definition.location, "type " + quote(definition.name) +
                                                 " must not begin with '__': that is reserved.");
  }
  if (definitions_.contains(definition.name)) {
    return schema_error(definition.location,
                        "type " + quote(definition.name) + " is defined twice.");
  }
  auto type = std::make_unique<NamedType>();
  type->kind = definition.kind;
  type->scalar = scalar_kind(definition.name);
  type->name = definition.name;
  type->description = definition.description;
  type->self = Type{definition.kind, type.get(), nullptr};
  schema_->types_.emplace(definition.name, std::move(type));
  std::string name = definition.name;
  definitions_.emplace(std::move(name), std::move(definition));
  return {};
}

Result<> SchemaBuilder::extend(ast::TypeDefinition extension) {
  const auto found = definitions_.find(extension.name);
  if (found == definitions_.end() || found->second.kind != extension.kind) {
    return schema_error(extension.location, "there is no type " + quote(extension.name) +
                                                " of this kind to extend; define it.");
  }
  ast::TypeDefinition& definition = found->second;
  append(definition.interfaces, extension.interfaces);
  append(definition.directives, extension.directives);
  append(definition.fields, extension.fields);
  append(definition.members, extension.members);
  append(definition.enum_values, extension.enum_values);
  append(definition.input_fields, extension.input_fields);
  return {};
}

Result<const NamedType*> SchemaBuilder::named(const std::string& name, ast::Location location) {
  const NamedType* type = schema_->type(name);
  if (type == nullptr) return schema_error(location, "type " + quote(name) + " is not defined.");
  return type;
}

Result<const Type*> SchemaBuilder::resolve(const ast::TypeReference& reference) {
  MW_ASSIGN(const NamedType* innermost, named(reference.name, reference.location));
  const Type* type = &innermost->self;
  for (const ast::TypeReference::Wrapper wrapper : reference.wrappers) {
    const TypeKind kind =
        wrapper == ast::TypeReference::Wrapper::kList ? TypeKind::kList : TypeKind::kNonNull;
    type = &schema_->wrappers_.emplace_back(Type{kind, innermost, type});
  }
  return type;
}

Result<> SchemaBuilder::fill_types() {
  for (const auto& [name, definition] : definitions_) {
    MW_TRY(fill_type(definition, *schema_->types_.at(name)));
  }
  // Objects are the possible types of the interfaces that they implement.
  for (const auto& [name, type] : schema_->types_) {
    if (type->kind != TypeKind::kObject) continue;
    for (const NamedType* promised : type->interfaces) {
      schema_->types_.at(promised->name)->possible_types.push_back(type.get());
    }
  }
  return {};
}

Result<> SchemaBuilder::fill_type(const ast::TypeDefinition& definition, NamedType& type) {
  MW_TRY(fill_fields(definition, type));
  MW_TRY(fill_members(definition, type));
  for (const ast::EnumValueDefinition& value : definition.enum_values) {
    type.enum_values.push_back({value.name, value.description, std::nullopt});
  }
  MW_ASSIGN(type.input_fields, input_values(definition.input_fields, definition.name));
  return {};
}

Result<> SchemaBuilder::fill_fields(const ast::TypeDefinition& definition, NamedType& type) {
  for (const ast::FieldDefinition& source : definition.fields) {
    const std::string where = definition.name + "." + source.name;
    if (is_reserved(source.name)) {
      return schema_error(source.location, quote(where) + " must not begin with '__'.");
    }
    Field field;
    field.name = source.name;
    field.description = source.description;
    MW_ASSIGN(field.type, resolve(source.type));
    MW_ASSIGN(field.arguments, input_values(source.arguments, where));
    type.fields.push_back(std::move(field));
  }
  return {};
}

Result<> SchemaBuilder::fill_members(const ast::TypeDefinition& definition, NamedType& type) {
  for (const ast::NameReference& reference : definition.interfaces) {
    MW_ASSIGN(const NamedType* promised, named(reference.name, reference.location));
    if (promised->kind != TypeKind::kInterface) {
      return schema_error(reference.location, quote(reference.name) + " is not an interface.");
    }
    type.interfaces.push_back(promised);
  }
  for (const ast::NameReference& reference : definition.members) {
    MW_ASSIGN(const NamedType* member, named(reference.name, reference.location));
    type.possible_types.push_back(member);
  }
  return {};
}

Result<std::vector<InputValue>> SchemaBuilder::input_values(
    const std::vector<ast::InputValueDefinition>& definitions, const std::string& owner) {
  std::vector<InputValue> out;
  for (const ast::InputValueDefinition& source : definitions) {
    if (is_reserved(source.name)) {
      return schema_error(source.location,
                          quote(owner + "." + source.name) + " must not begin with '__'.");
    }
    InputValue input;
    input.name = source.name;
    input.description = source.description;
    MW_ASSIGN(input.type, resolve(source.type));
    if (source.default_value) input.default_literal = ast::print(*source.default_value);
    out.push_back(std::move(input));
  }
  return out;
}

Result<> SchemaBuilder::fill_directives() {
  for (const auto& [name, source] : directive_definitions_) {
    DirectiveDefinition directive;
    directive.name = name;
    directive.description = source.description;
    directive.repeatable = source.repeatable;
    MW_ASSIGN(directive.arguments, input_values(source.arguments, "@" + name));
    for (const ast::NameReference& place : source.locations) {
      const auto location = directive_location(place.name);
      if (!location) {
        return schema_error(place.location, quote(place.name) + " is not a directive location.");
      }
      directive.locations |= static_cast<std::uint32_t>(*location);
    }
    schema_->directives_.emplace(name, std::move(directive));
  }
  return {};
}

Result<> SchemaBuilder::fill_roots() {
  bool is_defined = false;
  for (const ast::SchemaDefinition& definition : schema_definitions_) {
    if (!definition.extends && std::exchange(is_defined, true)) {
      return schema_error(definition.location, "the schema is defined twice.");
    }
    if (definition.description) schema_->description_ = definition.description;
    for (const auto& [kind, reference] : definition.roots) {
      MW_ASSIGN(const NamedType* type, named(reference.name, reference.location));
      const NamedType*& root = schema_->roots_[static_cast<std::size_t>(kind)];
      if (root != nullptr || type->kind != TypeKind::kObject) {
        return schema_error(reference.location, "a root must be an object type, named once; " +
                                                    quote(reference.name) + " is not.");
      }
      root = type;
    }
  }
  static constexpr std::string_view kDefaults[] = {"Query", "Mutation", "Subscription"};
  for (std::size_t i = 0; i < 3 && !is_defined; ++i) {
    const NamedType* type = schema_->type(kDefaults[i]);
    if (type != nullptr && type->kind == TypeKind::kObject) schema_->roots_[i] = type;
  }
  if (schema_->root(OperationKind::kQuery) == nullptr) {
    return schema_error({}, "there is no query type; define 'type Query'.");
  }
  return {};
}

}  // namespace millwright::graphql
