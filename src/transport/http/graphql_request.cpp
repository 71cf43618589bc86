#include "transport/http/graphql_request.h"

#include "base/text.h"

namespace millwright::http {
namespace {

using nlohmann::json;

/// The member, or null.
json member(const json& object, const char* name) {
  const auto it = object.find(name);
  return it == object.end() ? json() : *it;
}

Error wrong(const char* name, const char* wanted, const json& value) {
  return invalid_argument("parameter '" + std::string(name) + "' must be " + wanted + ", not " +
                          quote(value.dump(-1, ' ', true, json::error_handler_t::replace)));
}

}  // namespace

Result<GraphqlRequest> read_graphql_request(const json& members) {
  if (!members.is_object()) {
    return invalid_argument(
        "a GraphQL request is one JSON object with 'query'; lists are not taken");
  }
  const json query = member(members, "query");
  const json operation = member(members, "operationName");
  const json variables = member(members, "variables");
  const json extensions = member(members, "extensions");
  if (!query.is_string()) return wrong("query", "a text", query);
  if (!operation.is_null() && !operation.is_string()) {
    return wrong("operationName", "a text or null", operation);
  }
  if (!variables.is_null() && !variables.is_object()) {
    return wrong("variables", "an object or null", variables);
  }
  if (!extensions.is_null() && !extensions.is_object()) {
    return wrong("extensions", "an object or null", extensions);
  }
  GraphqlRequest request;
  request.query = query.get<std::string>();
  if (operation.is_string()) request.operation_name = operation.get<std::string>();
  request.variables = variables;
  return request;
}

std::vector<std::string> mentioned_tenants(const json& variables) {
  std::vector<std::string> tenants;
  if (!variables.is_object()) return tenants;
  const auto take = [&tenants](const json& object) {
    const json tenant = member(object, "tenantIdentifier");
    if (tenant.is_string()) tenants.push_back(tenant.get<std::string>());
  };
  take(variables);
  for (const json& value : variables) {
    if (value.is_object()) take(value);
  }
  return tenants;
}

Result<> require_person(const Principal& principal) {
  if (principal.role != Role::kDevice) return {};
  return permission_denied("a device's token does not open the analytics API; log in as a user");
}

}  // namespace millwright::http
