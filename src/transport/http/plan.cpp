#include "transport/http/plan.h"

#include <algorithm>

#include "base/text.h"
#include "transport/http/server_state.h"

namespace millwright::http {
namespace {

bool is_allowed_host(const ServerOptions& options, std::string_view host) {
  if (options.allowed_hosts.empty()) return true;
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = host.substr(0, colon);
  }
  return std::find(options.allowed_hosts.begin(), options.allowed_hosts.end(), host) !=
         options.allowed_hosts.end();
}

Response refuse(const Request& request, int status, ErrorCode code, std::string message) {
  return failure(request, Error{code, std::move(message), {}}, status);
}

Response wrong_host(const Request& request) {
  return refuse(
      request, 421, ErrorCode::kInvalidArgument,
      "host " + quote(request.header("host")) + " is not served here; use the configured address");
}

Response wrong_origin(const Request& request) {
  return refuse(request, 403, ErrorCode::kPermissionDenied,
                "pages of origin " + quote(request.header("origin")) +
                    " may not call this server; add the origin to its configuration");
}

/// The path is empty where the target has no canonical form; then the caller sees what it sent.
Response no_such_path(const Request& request) {
  const std::string what = request.path.empty()
                               ? "target " + quote(request.target) + " has no canonical form and"
                               : "path " + quote(request.path);
  return refuse(request, 404, ErrorCode::kNotFound,
                what + " does not exist; /api/docs lists what does");
}

bool changes_state(const std::string& method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

}  // namespace

std::optional<Response> refuse_upgrade(const ServerState& server, const Request& request) {
  if (!is_allowed_host(server.options, request.header("host"))) {
    return wrong_host(request);
  }
  if (request.has_header("origin") && !may_change_state(server.options.origins, request)) {
    return wrong_origin(request);
  }
  return std::nullopt;
}

Plan plan_answer(const ServerState& server, const Request& request) {
  Plan plan;
  const OriginPolicy& origins = server.options.origins;
  if (!is_allowed_host(server.options, request.header("host"))) {
    plan.response = wrong_host(request);
    return plan;
  }
  Router::Match match;
  if (!request.path.empty()) match = server.router.match(request.method, request.path);
  plan.pattern = match.pattern;
  // What nothing but the web app would take exists for readers only.
  const bool only_page = match.pattern == "fallback" && changes_state(request.method);
  if (match.allow.empty() || only_page) {
    plan.response = no_such_path(request);
    return plan;
  }
  if (request.method == "OPTIONS") {
    plan.response = preflight(origins, request, match.allow);
    return plan;
  }
  if (!match.handler) {
    plan.response = refuse(request, 405, ErrorCode::kInvalidArgument,
                           "method " + quote(request.method) + " does not apply to " +
                               quote(request.path) + "; use " + match.allow);
    plan.response.with("Allow", match.allow);
    return plan;
  }
  if (changes_state(request.method) && !may_change_state(origins, request)) {
    plan.response = wrong_origin(request);
    return plan;
  }
  plan.handler = match.handler;
  plan.params = std::move(match.params);
  return plan;
}

}  // namespace millwright::http
