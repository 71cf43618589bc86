#include "graphql/introspection.h"

#include <string_view>

namespace millwright::graphql {
namespace {

template <typename T>
ResolvedValue node(const T* item) {
  if (item == nullptr) return {};
  return Opaque{std::any(item), {}};
}

ResolvedValue node(const NamedType* type) {
  if (type == nullptr) return {};
  return node(&type->self);
}

template <typename Items, typename Keep>
ResolvedValue nodes(const Items& items, Keep&& keep) {
  ResolvedValue::List out;
  for (const auto& item : items) {
    if (keep(item)) out.push_back(node(&item));
  }
  return out;
}

template <typename Items>
ResolvedValue nodes(const Items& items) {
  return nodes(items, [](const auto&) { return true; });
}

ResolvedValue type_nodes(const std::vector<const NamedType*>& types) {
  ResolvedValue::List out;
  for (const NamedType* type : types) out.push_back(node(type));
  return out;
}

template <typename Items>
ResolvedValue current_nodes(const Items& items, const Json& arguments) {
  const auto found = arguments.find("includeDeprecated");
  const bool all = found != arguments.end() && *found == Json(true);
  return nodes(items, [&](const auto& item) { return all || !item.deprecation_reason; });
}

ResolvedValue schema_field(const Schema& schema, std::string_view field) {
  if (field == "description") return schema.description();
  if (field == "queryType") return node(schema.root(OperationKind::kQuery));
  if (field == "mutationType") return node(schema.root(OperationKind::kMutation));
  if (field == "subscriptionType") return node(schema.root(OperationKind::kSubscription));
  ResolvedValue::List out;
  if (field == "types") {
    for (const auto& [name, type] : schema.types()) out.push_back(node(type.get()));
  } else {
    for (const auto& [name, directive] : schema.directives()) out.push_back(node(&directive));
  }
  return out;
}

ResolvedValue type_field(const Type& type, std::string_view field, const Json& arguments) {
  if (field == "kind") return to_string(type.kind);
  if (field == "ofType") return node(type.of_type);
  if (type.of_type != nullptr) return {};  // a wrapper has nothing else
  const NamedType& named = *type.named;
  const bool has_fields = named.kind == TypeKind::kObject || named.kind == TypeKind::kInterface;
  if (field == "name") return named.name;
  if (field == "description") return named.description;
  if (field == "specifiedByURL") return named.specified_by;
  if (field == "fields" && has_fields) return current_nodes(named.fields, arguments);
  if (field == "interfaces" && has_fields) return type_nodes(named.interfaces);
  if (field == "possibleTypes" && named.is_abstract()) return type_nodes(named.possible_types);
  if (field == "enumValues" && named.kind == TypeKind::kEnum) {
    return current_nodes(named.enum_values, arguments);
  }
  if (field == "inputFields" && named.kind == TypeKind::kInputObject) {
    return nodes(named.input_fields);
  }
  return {};
}

ResolvedValue field_field(const Field& item, std::string_view field) {
  if (field == "name") return item.name;
  if (field == "description") return item.description;
  if (field == "args") return nodes(item.arguments);
  if (field == "type") return node(item.type);
  if (field == "isDeprecated") return item.deprecation_reason.has_value();
  return item.deprecation_reason;
}

ResolvedValue input_field(const InputValue& item, std::string_view field) {
  if (field == "name") return item.name;
  if (field == "description") return item.description;
  if (field == "type") return node(item.type);
  return item.default_value ? ResolvedValue(item.default_literal) : ResolvedValue();
}

ResolvedValue enum_value_field(const EnumValue& item, std::string_view field) {
  if (field == "name") return item.name;
  if (field == "description") return item.description;
  if (field == "isDeprecated") return item.deprecation_reason.has_value();
  return item.deprecation_reason;
}

ResolvedValue directive_field(const DirectiveDefinition& item, std::string_view field) {
  if (field == "name") return item.name;
  if (field == "description") return item.description;
  if (field == "isRepeatable") return item.repeatable;
  if (field == "args") return nodes(item.arguments);
  ResolvedValue::List out;
  for (std::uint32_t bit = 1; bit <= item.locations; bit <<= 1) {
    if ((item.locations & bit) != 0) out.push_back(to_string(static_cast<DirectiveLocation>(bit)));
  }
  return out;
}

}  // namespace

ResolvedValue introspect(const Schema& schema, const NamedType& type, const Field& field,
                         const ValueView& parent, const Json& arguments) {
  if (field.name == "__schema") return node(&schema);
  if (field.name == "__type") {
    return node(schema.type(arguments.at("name").get_ref<const std::string&>()));
  }
  if (const auto* item = parent.opaque<const Type*>()) {
    return type_field(**item, field.name, arguments);
  }
  if (const auto* item = parent.opaque<const Field*>()) return field_field(**item, field.name);
  if (const auto* item = parent.opaque<const InputValue*>()) {
    return input_field(**item, field.name);
  }
  if (const auto* item = parent.opaque<const EnumValue*>()) {
    return enum_value_field(**item, field.name);
  }
  if (const auto* item = parent.opaque<const DirectiveDefinition*>()) {
    return directive_field(**item, field.name);
  }
  if (type.name == "__Schema") return schema_field(schema, field.name);
  return {};
}

}  // namespace millwright::graphql
