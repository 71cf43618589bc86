#pragma once
/// Everything that is served under /, put into a router. One function for one group of paths.
///
/// What is handed over outlives the server.

#include <filesystem>
#include <functional>

#include "analytics/service.h"
#include "base/clock.h"
#include "devices/device_connections.h"
#include "devices/device_service.h"
#include "retention/retention_service.h"
#include "telemetry/telemetry.h"
#include "transport/http/authentication.h"
#include "transport/http/router.h"

namespace millwright::http {

struct ApiContext {
  const Authentication& authentication;
  TenantDirectory& directory;
  Identity& identity;
  DeviceService& devices;
  DeviceConnections& connections;
  const Clock& clock;
};

/// The calls of devices and clients that exist already: /api/v1/tenants/devices/..., /token.
void add_device_calls(Router& router, const ApiContext& context);
/// /api/v1/tenants/{tenant}/devices..., claims.
void add_device_resources(Router& router, const ApiContext& context);
/// /api/v1/tenants/{tenant}/retention and its preview.
void add_retention_resources(Router& router, const Authentication& authentication,
                             RetentionService& retention);
/// /api/v1/login, logout, session.
void add_session_calls(Router& router, const ApiContext& context);
/// POST and GET /graphql, with the page to try it.
void add_graphql(Router& router, const Authentication& authentication, GraphqlService& service);
/// /api/openapi.json, /api/docs.
void add_documentation(Router& router);
/// /healthz, /readyz (503 while `ready` answers an error; otherwise it says what the store is),
/// /metrics.
void add_health(Router& router, const telemetry::Telemetry& telemetry,
                std::function<Result<std::string>()> ready);
/// The web app of a folder, for every path that nothing else takes.
void add_web_app(Router& router, const std::filesystem::path& folder);

}  // namespace millwright::http
