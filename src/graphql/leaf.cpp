#include <cmath>
#include <cstdint>
#include <limits>

#include "graphql/executor.h"
#include "graphql/response_writer.h"

namespace millwright::graphql {
namespace {

bool append_int(std::string& out, double number) {
  using Limits32 = std::numeric_limits<std::int32_t>;
  if (number != std::trunc(number) || number < Limits32::min() || number > Limits32::max()) {
    return false;
  }
  append_number(out, static_cast<std::int64_t>(number));
  return true;
}

bool append_float(std::string& out, double number) {
  if (!std::isfinite(number)) return false;
  append_number(out, number);
  return true;
}

bool append_scalar(std::string& out, const NamedType& type, double number) {
  switch (type.scalar) {
    case ScalarKind::kInt:
      return append_int(out, number);
    case ScalarKind::kFloat:
    case ScalarKind::kCustom:
      return append_float(out, number);
    default:
      return false;
  }
}

bool append_scalar(std::string& out, const NamedType& type, std::int64_t number) {
  switch (type.scalar) {
    case ScalarKind::kInt:
      return append_int(out, static_cast<double>(number));
    case ScalarKind::kFloat:
    case ScalarKind::kCustom:
      append_number(out, number);
      return true;
    case ScalarKind::kId:
      append_text(out, std::to_string(number));
      return true;
    default:
      return false;
  }
}

bool append_scalar(std::string& out, const NamedType& type, std::string_view text) {
  if (type.scalar != ScalarKind::kString && type.scalar != ScalarKind::kId &&
      type.scalar != ScalarKind::kCustom) {
    return false;
  }
  append_text(out, text);
  return true;
}

bool append_scalar(std::string& out, const NamedType& type, const Json* json) {
  if (type.scalar == ScalarKind::kCustom) {
    append_json(out, *json);
    return true;
  }
  switch (json->type()) {
    case Json::value_t::string:
      return append_scalar(out, type, std::string_view(json->get_ref<const std::string&>()));
    case Json::value_t::boolean:
      if (type.scalar != ScalarKind::kBoolean) return false;
      out += json->get<bool>() ? "true" : "false";
      return true;
    case Json::value_t::number_float:
      return append_scalar(out, type, json->get<double>());
    case Json::value_t::number_unsigned:
      // Beyond 63 bits only a Float has room for it.
      if (json->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
        return append_scalar(out, type, json->get<double>());
      }
      return append_scalar(out, type, json->get<std::int64_t>());
    case Json::value_t::number_integer:
      return append_scalar(out, type, json->get<std::int64_t>());
    default:
      return false;
  }
}

template <typename Other>
bool append_scalar(std::string&, const NamedType&, const Other&) {
  return false;
}

}  // namespace

bool append_leaf(std::string& out, const NamedType& type, const ValueView& value) {
  if (type.kind != TypeKind::kEnum) {
    return std::visit([&](const auto& held) { return append_scalar(out, type, held); },
                      value.data());
  }
  std::string_view name;
  if (const auto* text = std::get_if<std::string_view>(&value.data())) name = *text;
  if (const auto* json = std::get_if<const Json*>(&value.data()); json && (*json)->is_string()) {
    name = (*json)->get_ref<const std::string&>();
  }
  if (type.enum_value(name) == nullptr) return false;
  append_text(out, name);
  return true;
}

}  // namespace millwright::graphql
