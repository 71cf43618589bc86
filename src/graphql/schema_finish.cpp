// The last steps of SchemaBuilder: what needs all types to be complete.

#include <set>

#include "base/text.h"
#include "graphql/coercion.h"
#include "graphql/parser.h"
#include "graphql/schema_builder.h"

namespace millwright::graphql {
namespace {

Field meta_field(std::string name, const Type* type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

}  // namespace

// `__schema: __Schema!`, `__type(name: String!): __Type`, `__typename: String!`.
void SchemaBuilder::add_meta_fields() {
  const auto non_null = [&](std::string_view name) {
    const NamedType* type = schema_->type(name);
    return &schema_->wrappers_.emplace_back(Type{TypeKind::kNonNull, type, &type->self});
  };
  schema_->schema_field_ = meta_field("__schema", non_null("__Schema"));
  schema_->type_field_ = meta_field("__type", &schema_->type("__Type")->self);
  InputValue name;
  name.name = "name";
  name.type = non_null("String");
  schema_->type_field_.arguments.push_back(std::move(name));
  schema_->typename_field_ = meta_field("__typename", non_null("String"));
}

template <typename Visit>
void SchemaBuilder::each_input_value(Visit&& visit) {
  const auto all = [&](std::vector<InputValue>& inputs,
                       const std::vector<ast::InputValueDefinition>& definitions) {
    for (std::size_t i = 0; i < inputs.size(); ++i) visit(inputs[i], definitions[i]);
  };
  for (auto& [name, type] : schema_->types_) {
    const ast::TypeDefinition& definition = definitions_.at(name);
    all(type->input_fields, definition.input_fields);
    for (std::size_t i = 0; i < type->fields.size(); ++i) {
      all(type->fields[i].arguments, definition.fields[i].arguments);
    }
  }
  for (auto& [name, directive] : schema_->directives_) {
    all(directive.arguments, directive_definitions_.at(name).arguments);
  }
}

// A default may be an input object that takes in the defaults of its own fields, so one pass may
// find a default that is not coerced yet: passes are repeated until nothing changes.
Result<> SchemaBuilder::coerce_defaults() {
  static constexpr int kMaxPasses = 16;
  static const Json kNoVariables = Json::object();
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    bool changed = false;
    std::optional<Error> failure;
    each_input_value([&](InputValue& input, const ast::InputValueDefinition& definition) {
      if (!definition.default_value) return;
      auto value = coerce_literal(*definition.default_value, *input.type, kNoVariables);
      if (!value) {
        if (!failure) failure = schema_error(definition.location, value.error().message);
      } else if (!input.default_value || *input.default_value != *value) {
        input.default_value = std::move(*value);
        changed = true;
      }
    });
    if (!changed && failure) return *failure;
    if (!changed) return {};
  }
  return schema_error({}, "default values of input objects refer to each other without end.");
}

Result<SchemaBuilder::Applied> SchemaBuilder::applied(const std::vector<ast::Directive>& directives,
                                                      DirectiveLocation location) const {
  static const Json kNoVariables = Json::object();
  Applied out;
  std::set<std::string_view> seen;
  for (const ast::Directive& directive : directives) {
    const DirectiveDefinition* definition = schema_->directive(directive.name);
    if (definition == nullptr ||
        (definition->locations & static_cast<std::uint32_t>(location)) == 0) {
      return schema_error(directive.location, "directive " + quote(directive.name) +
                                                  " is not defined for " +
                                                  std::string(to_string(location)) + ".");
    }
    if (!seen.insert(directive.name).second && !definition->repeatable) {
      return schema_error(directive.location,
                          "directive " + quote(directive.name) + " may stand here only once.");
    }
    for (const ast::Argument& argument : directive.arguments) {
      if (definition->argument(argument.name) == nullptr) {
        return schema_error(argument.location, "directive " + quote(directive.name) +
                                                   " has no argument " + quote(argument.name) +
                                                   ".");
      }
    }
    auto values = coerce_arguments(definition->arguments, directive.arguments, kNoVariables);
    if (!values) return schema_error(directive.location, values.error().message);
    if (directive.name == "deprecated" && (*values)["reason"].is_string()) {
      out.deprecated = (*values)["reason"].get<std::string>();
    }
    if (directive.name == "specifiedBy") out.specified_by = (*values)["url"].get<std::string>();
  }
  return out;
}

Result<> SchemaBuilder::apply_to_inputs(const std::vector<ast::InputValueDefinition>& definitions,
                                        DirectiveLocation location) {
  for (const ast::InputValueDefinition& definition : definitions) {
    MW_TRY(applied(definition.directives, location));
  }
  return {};
}

Result<> SchemaBuilder::apply_to_type(const ast::TypeDefinition& definition, NamedType& type) {
  static constexpr DirectiveLocation kByKind[] = {
      DirectiveLocation::kScalar, DirectiveLocation::kObject, DirectiveLocation::kInterface,
      DirectiveLocation::kUnion,  DirectiveLocation::kEnum,   DirectiveLocation::kInputObject};
  MW_ASSIGN(Applied own,
            applied(definition.directives, kByKind[static_cast<std::size_t>(type.kind)]));
  type.specified_by = own.specified_by;
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const ast::FieldDefinition& field = definition.fields[i];
    MW_ASSIGN(Applied found, applied(field.directives, DirectiveLocation::kFieldDefinition));
    type.fields[i].deprecation_reason = found.deprecated;
    MW_TRY(apply_to_inputs(field.arguments, DirectiveLocation::kArgumentDefinition));
  }
  for (std::size_t i = 0; i < type.enum_values.size(); ++i) {
    MW_ASSIGN(Applied found,
              applied(definition.enum_values[i].directives, DirectiveLocation::kEnumValue));
    type.enum_values[i].deprecation_reason = found.deprecated;
  }
  return apply_to_inputs(definition.input_fields, DirectiveLocation::kInputFieldDefinition);
}

Result<> SchemaBuilder::apply_directives() {
  for (auto& [name, type] : schema_->types_) {
    MW_TRY(apply_to_type(definitions_.at(name), *type));
  }
  for (const auto& [name, definition] : directive_definitions_) {
    MW_TRY(apply_to_inputs(definition.arguments, DirectiveLocation::kArgumentDefinition));
  }
  for (const ast::SchemaDefinition& definition : schema_definitions_) {
    MW_TRY(applied(definition.directives, DirectiveLocation::kSchema));
  }
  return {};
}

}  // namespace millwright::graphql
