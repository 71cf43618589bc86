#include "transport/http/origin.h"

#include <algorithm>

namespace millwright::http {
namespace {

constexpr std::string_view kAllowedHeaders =
    "Content-Type, Authorization, X-CSRF-Token, X-Request-Id, Apollo-Require-Preflight";

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_loopback_origin(std::string_view origin) {
  for (const std::string_view host :
       {"http://localhost", "http://127.0.0.1", "http://[::1]", "https://localhost"}) {
    if (!origin.starts_with(host)) continue;
    const std::string_view rest = origin.substr(host.size());
    if (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)))) return true;
  }
  return false;
}

}  // namespace

bool is_same_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  const std::string_view host = request.header("host");
  const auto scheme = origin.find("://");
  // The scheme is the proxy's affair: we always see plain HTTP.
  return scheme != std::string_view::npos && !host.empty() && origin.substr(scheme + 3) == host;
}

bool is_allowed_origin(const OriginPolicy& policy, std::string_view origin) {
  if (policy.loopback && is_loopback_origin(origin)) return true;
  return std::find(policy.origins.begin(), policy.origins.end(), origin) != policy.origins.end();
}

bool may_change_state(const OriginPolicy& policy, const Request& request) {
  if (request.has_header("origin")) {
    return is_same_origin(request) || is_allowed_origin(policy, request.header("origin"));
  }
  const std::string_view site = request.header("sec-fetch-site");
  return site.empty() || site == "same-origin" || site == "none";
}

void add_cors_headers(const OriginPolicy& policy, const Request& request, Response& response) {
  if (policy.origins.empty() && !policy.loopback) return;
  response.with("Vary", "Origin");
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !is_allowed_origin(policy, origin)) return;
  response.with("Access-Control-Allow-Origin", std::string(origin));
  response.with("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
}

Response preflight(const OriginPolicy& policy, const Request& request, const std::string& allow) {
  Response response;
  response.status = 204;
  response.with("Allow", allow);
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && is_allowed_origin(policy, origin)) {
    response.with("Access-Control-Allow-Methods", allow);
    response.with("Access-Control-Allow-Headers", std::string(kAllowedHeaders));
    response.with("Access-Control-Max-Age", "600");
  }
  return response;
}

}  // namespace millwright::http
