#pragma once
/// The parameters of a GraphQL request, the same over HTTP and over WebSocket. Pure; any thread.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analytics/service.h"
#include "transport/http/json_body.h"

namespace millwright::http {

/// query, operationName, variables and extensions of an object. Errors: kInvalidArgument.
Result<GraphqlRequest> read_graphql_request(const nlohmann::json& members);

/// The tenants that variables name: $tenantIdentifier, or tenantIdentifier inside an input.
std::vector<std::string> mentioned_tenants(const nlohmann::json& variables);

/// kPermissionDenied for a device: it may read nothing but itself, so it has no analytics.
Result<> require_person(const Principal& principal);

}  // namespace millwright::http
