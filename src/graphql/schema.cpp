#include "graphql/schema.h"

#include <algorithm>
#include <array>

#include "graphql/schema_builder.h"

namespace millwright::graphql {
namespace {

constexpr std::array<std::pair<std::string_view, DirectiveLocation>, 19> kLocations{{
    {"QUERY", DirectiveLocation::kQuery},
    {"MUTATION", DirectiveLocation::kMutation},
    {"SUBSCRIPTION", DirectiveLocation::kSubscription},
    {"FIELD", DirectiveLocation::kField},
    {"FRAGMENT_DEFINITION", DirectiveLocation::kFragmentDefinition},
    {"FRAGMENT_SPREAD", DirectiveLocation::kFragmentSpread},
    {"INLINE_FRAGMENT", DirectiveLocation::kInlineFragment},
    {"VARIABLE_DEFINITION", DirectiveLocation::kVariableDefinition},
    {"SCHEMA", DirectiveLocation::kSchema},
    {"SCALAR", DirectiveLocation::kScalar},
    {"OBJECT", DirectiveLocation::kObject},
    {"FIELD_DEFINITION", DirectiveLocation::kFieldDefinition},
    {"ARGUMENT_DEFINITION", DirectiveLocation::kArgumentDefinition},
    {"INTERFACE", DirectiveLocation::kInterface},
    {"UNION", DirectiveLocation::kUnion},
    {"ENUM", DirectiveLocation::kEnum},
    {"ENUM_VALUE", DirectiveLocation::kEnumValue},
    {"INPUT_OBJECT", DirectiveLocation::kInputObject},
    {"INPUT_FIELD_DEFINITION", DirectiveLocation::kInputFieldDefinition},
}};

template <typename Items>
auto* find_named(Items& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const InputValue* Field::argument(std::string_view argument_name) const {
  return find_named(arguments, argument_name);
}
const Field* NamedType::field(std::string_view field_name) const {
  return find_named(fields, field_name);
}
const InputValue* NamedType::input_field(std::string_view field_name) const {
  return find_named(input_fields, field_name);
}
const EnumValue* NamedType::enum_value(std::string_view value_name) const {
  return find_named(enum_values, value_name);
}
const InputValue* DirectiveDefinition::argument(std::string_view argument_name) const {
  return find_named(arguments, argument_name);
}

bool NamedType::may_be(const NamedType* type) const {
  return type == this ||
         std::find(possible_types.begin(), possible_types.end(), type) != possible_types.end();
}

Result<std::shared_ptr<const Schema>> Schema::from_sdl(std::string_view sdl) {
  return SchemaBuilder::build(sdl);
}

const NamedType* Schema::type(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : found->second.get();
}

const NamedType* Schema::root(OperationKind kind) const {
  return roots_[static_cast<std::size_t>(kind)];
}

const DirectiveDefinition* Schema::directive(std::string_view name) const {
  const auto found = directives_.find(name);
  return found == directives_.end() ? nullptr : &found->second;
}

std::string_view to_string(TypeKind kind) {
  static constexpr std::string_view kNames[] = {"SCALAR", "OBJECT",       "INTERFACE", "UNION",
                                                "ENUM",   "INPUT_OBJECT", "LIST",      "NON_NULL"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(OperationKind kind) {
  static constexpr std::string_view kNames[] = {"query", "mutation", "subscription"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(DirectiveLocation location) {
  for (const auto& [name, candidate] : kLocations) {
    if (candidate == location) return name;
  }
  return "";
}

std::optional<DirectiveLocation> directive_location(std::string_view word) {
  for (const auto& [name, location] : kLocations) {
    if (name == word) return location;
  }
  return std::nullopt;
}

}  // namespace millwright::graphql
