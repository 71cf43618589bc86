#include "graphql/schema_check.h"

#include <algorithm>
#include <set>
#include <string>

namespace millwright::graphql {
namespace {

Error violation(const std::string& where, const std::string& what) {
  return invalid_argument("Schema: '" + where + "' " + what + ".");
}

Result<> check_inputs(const std::string& where, const std::vector<InputValue>& inputs) {
  std::set<std::string_view> seen;
  for (const InputValue& input : inputs) {
    if (!seen.insert(input.name).second) return violation(where + "." + input.name, "stands twice");
    if (!input.type->named->is_input()) {
      return violation(where + "." + input.name,
                       "takes '" + to_string(*input.type) + "', which is not an input type");
    }
  }
  return {};
}

Result<> check_fields(const NamedType& type) {
  if (type.fields.empty()) return violation(type.name, "has no fields");
  std::set<std::string_view> seen;
  for (const Field& field : type.fields) {
    const std::string where = type.name + "." + field.name;
    if (!seen.insert(field.name).second) return violation(where, "stands twice");
    if (field.type->named->kind == TypeKind::kInputObject) {
      return violation(where, "answers '" + to_string(*field.type) + "', which is an input type");
    }
    MW_TRY(check_inputs(where, field.arguments));
  }
  return {};
}

// Whether a field of type `actual` keeps the promise of type `promised`.
bool is_subtype(const Type& actual, const Type& promised) {
  if (promised.is_non_null()) {
    return actual.is_non_null() && is_subtype(*actual.of_type, *promised.of_type);
  }
  if (actual.is_non_null()) return is_subtype(*actual.of_type, promised);
  if (promised.is_list() || actual.is_list()) {
    return promised.is_list() && actual.is_list() && is_subtype(*actual.of_type, *promised.of_type);
  }
  if (promised.named->may_be(actual.named)) return true;
  const auto& parents = actual.named->interfaces;
  return std::find(parents.begin(), parents.end(), promised.named) != parents.end();
}

Result<> check_interface(const NamedType& type, const NamedType& promised) {
  if (promised.kind != TypeKind::kInterface) {
    return violation(type.name, "implements '" + promised.name + "', which is not an interface");
  }
  if (&promised == &type) return violation(type.name, "implements itself");
  for (const NamedType* further : promised.interfaces) {
    const auto& own = type.interfaces;
    if (std::find(own.begin(), own.end(), further) == own.end()) {
      return violation(type.name, "must implement '" + further->name + "' too, because '" +
                                      promised.name + "' does");
    }
  }
  for (const Field& expected : promised.fields) {
    const std::string where = type.name + "." + expected.name;
    const Field* field = type.field(expected.name);
    if (field == nullptr) return violation(where, "is missing, '" + promised.name + "' has it");
    if (!is_subtype(*field->type, *expected.type)) {
      return violation(
          where, "must answer '" + to_string(*expected.type) + "' as in '" + promised.name + "'");
    }
    for (const InputValue& argument : expected.arguments) {
      const InputValue* own = field->argument(argument.name);
      if (own == nullptr || to_string(*own->type) != to_string(*argument.type)) {
        return violation(where, "must take '" + argument.name + ": " + to_string(*argument.type) +
                                    "' as in '" + promised.name + "'");
      }
    }
    for (const InputValue& own : field->arguments) {
      if (own.is_required() && expected.argument(own.name) == nullptr) {
        return violation(where, "requires '" + own.name + "', which '" + promised.name + "' lacks");
      }
    }
  }
  return {};
}

Result<> check_interfaces(const NamedType& type) {
  std::set<const NamedType*> seen;
  for (const NamedType* promised : type.interfaces) {
    if (!seen.insert(promised).second) {
      return violation(type.name, "names the interface '" + promised->name + "' twice");
    }
    MW_TRY(check_interface(type, *promised));
  }
  return {};
}

Result<> check_union(const NamedType& type) {
  if (type.possible_types.empty()) return violation(type.name, "has no members");
  std::set<const NamedType*> seen;
  for (const NamedType* member : type.possible_types) {
    if (member->kind != TypeKind::kObject || !seen.insert(member).second) {
      return violation(type.name, "needs each member to be an object type, named once; look at '" +
                                      member->name + "'");
    }
  }
  return {};
}

Result<> check_enum(const NamedType& type) {
  if (type.enum_values.empty()) return violation(type.name, "has no values");
  std::set<std::string_view> seen;
  for (const EnumValue& value : type.enum_values) {
    if (!seen.insert(value.name).second) {
      return violation(type.name + "." + value.name, "stands twice");
    }
  }
  return {};
}

// An input object that must hold itself, non-null all the way, has no finite value.
bool must_hold(const NamedType& type, const NamedType& sought, std::set<const NamedType*>& seen) {
  for (const InputValue& field : type.input_fields) {
    if (!field.type->is_non_null() || field.type->of_type->is_list()) continue;
    const NamedType* inner = field.type->named;
    if (inner == &sought) return true;
    if (seen.insert(inner).second && must_hold(*inner, sought, seen)) return true;
  }
  return false;
}

Result<> check_input_object(const NamedType& type) {
  if (type.input_fields.empty()) return violation(type.name, "has no fields");
  MW_TRY(check_inputs(type.name, type.input_fields));
  std::set<const NamedType*> seen;
  if (must_hold(type, type, seen)) return violation(type.name, "must contain itself without end");
  return {};
}

}  // namespace

Result<> check_schema(const Schema& schema) {
  for (const auto& [name, type] : schema.types()) {
    switch (type->kind) {
      case TypeKind::kObject:
      case TypeKind::kInterface:
        MW_TRY(check_fields(*type));
        MW_TRY(check_interfaces(*type));
        break;
      case TypeKind::kUnion:
        MW_TRY(check_union(*type));
        break;
      case TypeKind::kEnum:
        MW_TRY(check_enum(*type));
        break;
      case TypeKind::kInputObject:
        MW_TRY(check_input_object(*type));
        break;
      default:
        break;
    }
  }
  for (const auto& [name, directive] : schema.directives()) {
    MW_TRY(check_inputs("@" + name, directive.arguments));
  }
  return {};
}

}  // namespace millwright::graphql
