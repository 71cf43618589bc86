#include "graphql/variables.h"

#include <utility>

#include "graphql/coercion.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

// Without recursion: the nesting is what is in doubt.
bool nests_deeper(const Json& value, std::size_t limit) {
  std::vector<std::pair<const Json*, std::size_t>> open{{&value, 0}};
  while (!open.empty()) {
    const auto [item, depth] = open.back();
    open.pop_back();
    if (!item->is_structured()) continue;
    if (depth >= limit) return true;
    for (const Json& inner : *item) open.emplace_back(&inner, depth + 1);
  }
  return false;
}

}  // namespace

Json coerce_variables(const Schema& schema, const ast::Operation& operation, const Json& sent,
                      std::size_t max_nesting, std::vector<ResponseError>& errors) {
  static const Json kNoVariables = Json::object();
  Json out = Json::object();
  if (!sent.is_object() && !sent.is_null()) {
    errors.push_back({"The variables must be an object.", {}, {}, ErrorCode::kInvalidArgument});
    return out;
  }
  if (nests_deeper(sent, max_nesting)) {
    errors.push_back({"The variables nest deeper than " + std::to_string(max_nesting) +
                          " levels; send them flatter.",
                      {},
                      {},
                      ErrorCode::kResourceExhausted});
    return out;
  }
  TypePool types(schema);
  for (const ast::VariableDefinition& definition : operation.variables) {
    const Type& type = *types.resolve(definition.type);
    const std::string shown = "$" + definition.name;
    const auto refuse = [&](const std::string& message) {
      errors.push_back(
          {"Variable " + message, {definition.location}, {}, ErrorCode::kInvalidArgument});
    };
    const bool is_sent = sent.is_object() && sent.contains(definition.name);
    if (!is_sent && !definition.default_value) {
      if (type.is_non_null()) {
        refuse(shown + " of required type '" + to_string(type) + "' was not provided.");
      }
      continue;
    }
    auto value = is_sent ? coerce_json(sent[definition.name], type, shown)
                         : coerce_literal(*definition.default_value, type, kNoVariables);
    if (value) {
      out[definition.name] = std::move(*value);
    } else {
      refuse(value.error().message);
    }
  }
  return out;
}

}  // namespace millwright::graphql
