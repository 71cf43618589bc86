#include "graphql/coercion.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/text.h"

namespace millwright::graphql {
namespace {

constexpr double kIntMin = std::numeric_limits<std::int32_t>::min();
constexpr double kIntMax = std::numeric_limits<std::int32_t>::max();

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || rest != end) return std::nullopt;
  return number;
}

Error misfit(const NamedType& type, const std::string& shown, const std::string& where = {}) {
  std::string message = where.empty() ? "" : where + ": ";
  if (type.kind == TypeKind::kEnum) {
    return invalid_argument(message + "value " + shown + " is not in enum '" + type.name + "'.");
  }
  return invalid_argument(message + "value " + shown + " is not a valid '" + type.name + "'.");
}

std::string show(const Json& value) {
  return quote(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// A literal of a custom scalar, whatever its form.
Json any_literal(const ast::Value& value, const Json& variables) {
  switch (value.kind) {
    case ast::ValueKind::kVariable: {
      const auto found = variables.find(value.text);
      return found == variables.end() ? Json() : *found;
    }
    case ast::ValueKind::kInt:
      if (const auto whole = parse_number<std::int64_t>(value.text)) return *whole;
      [[fallthrough]];
    case ast::ValueKind::kFloat:
      if (const auto number = parse_number<double>(value.text)) return *number;
      return nullptr;
    case ast::ValueKind::kBoolean:
      return value.text == "true";
    case ast::ValueKind::kNull:
      return nullptr;
    case ast::ValueKind::kList: {
      Json out = Json::array();
      for (const ast::Value& item : value.items) out.push_back(any_literal(item, variables));
      return out;
    }
    case ast::ValueKind::kObject: {
      Json out = Json::object();
      for (const ast::ObjectField& member : value.members) {
        out[member.name] = any_literal(member.value, variables);
      }
      return out;
    }
    default:
      return value.text;
  }
}

std::optional<Json> scalar_literal(const ast::Value& value, ScalarKind scalar,
                                   const Json& variables) {
  const bool whole = value.kind == ast::ValueKind::kInt;
  switch (scalar) {
    case ScalarKind::kInt:
      if (!whole) return std::nullopt;
      if (const auto number = parse_number<std::int32_t>(value.text)) return Json(*number);
      return std::nullopt;
    case ScalarKind::kFloat:
      if (!whole && value.kind != ast::ValueKind::kFloat) return std::nullopt;
      if (const auto number = parse_number<double>(value.text)) return Json(*number);
      return std::nullopt;
    case ScalarKind::kString:
      if (value.kind != ast::ValueKind::kString) return std::nullopt;
      return Json(value.text);
    case ScalarKind::kBoolean:
      if (value.kind != ast::ValueKind::kBoolean) return std::nullopt;
      return Json(value.text == "true");
    case ScalarKind::kId:
      if (!whole && value.kind != ast::ValueKind::kString) return std::nullopt;
      return Json(value.text);
    case ScalarKind::kCustom:
      return any_literal(value, variables);
  }
  return std::nullopt;
}

std::optional<Json> scalar_json(const Json& value, ScalarKind scalar) {
  switch (scalar) {
    case ScalarKind::kInt: {
      if (!value.is_number()) return std::nullopt;
      const double number = value.get<double>();  // exact within the range that counts
      if (number != std::trunc(number) || number < kIntMin || number > kIntMax) return std::nullopt;
      return Json(static_cast<std::int32_t>(number));
    }
    case ScalarKind::kFloat:
      if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
      return Json(value.get<double>());
    case ScalarKind::kString:
      if (!value.is_string()) return std::nullopt;
      return value;
    case ScalarKind::kBoolean:
      if (!value.is_boolean()) return std::nullopt;
      return value;
    case ScalarKind::kId:
      if (value.is_number_integer()) return Json(value.dump());
      if (!value.is_string()) return std::nullopt;
      return value;
    case ScalarKind::kCustom:
      return value;
  }
  return std::nullopt;
}

bool is_absent(const ast::Value& value, const Json& variables) {
  return value.kind == ast::ValueKind::kVariable && !variables.contains(value.text);
}

Result<Json> list_literal(const ast::Value& value, const Type& type, const Json& variables) {
  Json out = Json::array();
  if (value.kind != ast::ValueKind::kList) {
    MW_ASSIGN(Json item, coerce_literal(value, *type.of_type, variables));
    out.push_back(std::move(item));
    return out;
  }
  for (const ast::Value& element : value.items) {
    MW_ASSIGN(Json item, coerce_literal(element, *type.of_type, variables));
    out.push_back(std::move(item));
  }
  return out;
}

Result<Json> object_literal(const ast::Value& value, const NamedType& type, const Json& variables) {
  if (value.kind != ast::ValueKind::kObject) return misfit(type, quote(ast::print(value)));
  Json out = Json::object();
  for (const ast::ObjectField& member : value.members) {
    const InputValue* field = type.input_field(member.name);
    if (field == nullptr) {
      return invalid_argument("Field " + quote(member.name) + " is not defined by type '" +
                              type.name + "'.");
    }
    if (is_absent(member.value, variables)) continue;
    MW_ASSIGN(Json item, coerce_literal(member.value, *field->type, variables));
    out[member.name] = std::move(item);
  }
  for (const InputValue& field : type.input_fields) {
    if (out.contains(field.name)) continue;
    if (field.default_value) {
      out[field.name] = *field.default_value;
    } else if (field.is_required()) {
      return invalid_argument("Field '" + type.name + "." + field.name + "' of required type '" +
                              to_string(*field.type) + "' was not provided.");
    }
  }
  return out;
}

Result<Json> object_json(const Json& value, const NamedType& type, const std::string& where) {
  if (!value.is_object()) return misfit(type, show(value), where);
  Json out = Json::object();
  for (const auto& [name, member] : value.items()) {
    const InputValue* field = type.input_field(name);
    if (field == nullptr) {
      return invalid_argument(where + ": field " + quote(name) + " is not defined by type '" +
                              type.name + "'.");
    }
    MW_ASSIGN(Json item, coerce_json(member, *field->type, where + "." + name));
    out[name] = std::move(item);
  }
  for (const InputValue& field : type.input_fields) {
    if (out.contains(field.name)) continue;
    if (field.default_value) {
      out[field.name] = *field.default_value;
    } else if (field.is_required()) {
      return invalid_argument(where + ": field '" + field.name + "' of required type '" +
                              to_string(*field.type) + "' was not provided.");
    }
  }
  return out;
}

}  // namespace

Result<Json> coerce_leaf(const ast::Value& value, const NamedType& type, const Json& variables) {
  if (type.kind == TypeKind::kEnum) {
    if (value.kind == ast::ValueKind::kEnum && type.enum_value(value.text)) return Json(value.text);
  } else if (auto scalar = scalar_literal(value, type.scalar, variables)) {
    return std::move(*scalar);
  }
  return misfit(type, quote(ast::print(value)));
}

Result<Json> coerce_literal(const ast::Value& value, const Type& type, const Json& variables) {
  if (value.kind == ast::ValueKind::kVariable) {
    const auto found = variables.find(value.text);
    Json held = found == variables.end() ? Json() : *found;
    if (!held.is_null() || !type.is_non_null()) return held;
    return invalid_argument("Variable '$" + value.text + "' must not be null where '" +
                            to_string(type) + "' is expected.");
  }
  if (value.kind == ast::ValueKind::kNull) {
    if (!type.is_non_null()) return Json();
    return invalid_argument("Expected value of type '" + to_string(type) + "', found null.");
  }
  const Type& inner = *type.nullable();
  if (inner.is_list()) return list_literal(value, inner, variables);
  if (inner.kind == TypeKind::kInputObject) return object_literal(value, *inner.named, variables);
  return coerce_leaf(value, *inner.named, variables);
}

Result<Json> coerce_json(const Json& value, const Type& type, const std::string& where) {
  if (value.is_null()) {
    if (!type.is_non_null()) return Json();
    return invalid_argument(where + ": expected a value of type '" + to_string(type) +
                            "', found null.");
  }
  const Type& inner = *type.nullable();
  if (inner.is_list()) {
    Json out = Json::array();
    if (!value.is_array()) {
      MW_ASSIGN(Json item, coerce_json(value, *inner.of_type, where));
      out.push_back(std::move(item));
      return out;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      MW_ASSIGN(Json item,
                coerce_json(value[i], *inner.of_type, where + "[" + std::to_string(i) + "]"));
      out.push_back(std::move(item));
    }
    return out;
  }
  if (inner.kind == TypeKind::kInputObject) return object_json(value, *inner.named, where);
  if (inner.kind == TypeKind::kEnum) {
    if (value.is_string() && inner.named->enum_value(value.get_ref<const std::string&>())) {
      return value;
    }
  } else if (auto scalar = scalar_json(value, inner.named->scalar)) {
    return std::move(*scalar);
  }
  return misfit(*inner.named, show(value), where);
}

Result<Json> coerce_arguments(const std::vector<InputValue>& definitions,
                              const std::vector<ast::Argument>& arguments, const Json& variables) {
  Json out = Json::object();
  for (const InputValue& definition : definitions) {
    const ast::Argument* given = nullptr;
    for (const ast::Argument& argument : arguments) {
      if (argument.name == definition.name) given = &argument;
    }
    if (given != nullptr && !is_absent(given->value, variables)) {
      auto value = coerce_literal(given->value, *definition.type, variables);
      if (!value) {
        return invalid_argument("Argument '" + definition.name + "': " + value.error().message);
      }
      out[definition.name] = std::move(*value);
    } else if (definition.default_value) {
      out[definition.name] = *definition.default_value;
    } else if (definition.is_required()) {
      return invalid_argument("Argument '" + definition.name + "' of required type '" +
                              to_string(*definition.type) + "' was not provided.");
    }
  }
  return out;
}

}  // namespace millwright::graphql
