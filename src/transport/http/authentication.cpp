#include "transport/http/authentication.h"

#include <sodium.h>

#include <algorithm>

#include "base/text.h"

namespace millwright::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";

/// The value of one cookie; missing when absent or when it stands twice.
std::optional<std::string> cookie_value(std::string_view header, std::string_view name) {
  std::optional<std::string> found;
  while (!header.empty()) {
    const auto end = header.find(';');
    std::string_view pair = header.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      if (found) return std::nullopt;
      found = std::string(pair.substr(equals + 1));
    }
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
  }
  return found;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool changes_state(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

Error no_credentials() {
  return unauthenticated(
      "this call needs credentials; log in with POST /api/v1/login, or send a device's token as "
      "'Authorization: Bearer ...'");
}

}  // namespace

Principal legacy_principal(const TenantId& tenant) {
  Principal principal;
  principal.role = Role::kDevice;
  principal.tenant = tenant;
  principal.name = "old contract";
  principal.legacy = true;
  return principal;
}

Authentication::Authentication(Identity& identity, AccessOptions options)
    : identity_(identity), options_(std::move(options)) {}

std::string Authentication::cookie_name() const {
  return options_.secure_cookie ? "__Host-millwright_session" : "millwright_session";
}

std::string Authentication::cookie(const std::string& session_id) const {
  std::string value = cookie_name() + "=" + session_id + "; Path=/; HttpOnly; SameSite=Strict";
  if (options_.secure_cookie) value += "; Secure";
  if (session_id.empty()) value += "; Max-Age=0";
  return value;
}

bool Authentication::is_legacy_tenant(const TenantId& tenant) const {
  return std::find(options_.legacy_tenants.begin(), options_.legacy_tenants.end(), tenant) !=
         options_.legacy_tenants.end();
}

Result<Caller> Authentication::caller(const Request& request) const {
  return identify(request, changes_state(request));
}

Result<Caller> Authentication::identify(const Request& request, bool check_csrf) const {
  Caller caller;
  if (request.has_header("authorization")) {
    const std::string_view header = request.header("authorization");
    if (!header.starts_with(kBearer)) {
      return unauthenticated(
          "the Authorization header is not 'Bearer TOKEN'; see POST /api/v1/token");
    }
    MW_ASSIGN(caller.principal, identity_.verify_device_token(header.substr(kBearer.size())));
    return caller;
  }
  if (const auto id = cookie_value(request.header("cookie"), cookie_name()); id && !id->empty()) {
    auto session = identity_.session(*id);
    if (session) {
      if (check_csrf &&
          !equal_in_constant_time(request.header("x-csrf-token"), session->csrf_token)) {
        return permission_denied(
            "header X-CSRF-Token is missing or not the session's; GET /api/v1/session answers it");
      }
      caller.principal = session->principal;
      caller.session_id = *id;
      caller.csrf_token = session->csrf_token;
      return caller;
    }
    if (session.error().code != ErrorCode::kUnauthenticated) return session.error();
    // An ended session is nobody: the demo stays open, everything else asks to log in.
    if (!options_.demo_tenant) return session.error();
  }
  if (options_.demo_tenant) {
    Principal viewer;
    viewer.role = Role::kViewer;
    viewer.tenant = options_.demo_tenant;
    viewer.name = "demo";
    caller.principal = viewer;
    caller.demo = true;
  }
  return caller;
}

Result<Principal> Authentication::require(const Request& request) const {
  MW_ASSIGN(Caller found, caller(request));
  if (!found.principal) return no_credentials();
  return std::move(*found.principal);
}

Result<Principal> Authentication::require_for(const Request& request,
                                              const TenantId& tenant) const {
  MW_ASSIGN(Caller found, caller(request));
  if (found.has_credentials()) return std::move(*found.principal);
  if (is_legacy_tenant(tenant)) return legacy_principal(tenant);
  if (found.principal && found.principal->tenant == tenant) return std::move(*found.principal);
  // Where the old contract is served, another tenant is one that does not exist.
  if (!options_.legacy_tenants.empty()) {
    return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
  }
  return no_credentials();
}

Result<Principal> Authentication::require_reader(const Request& request,
                                                 const std::vector<std::string>& tenants) const {
  MW_ASSIGN(Caller found, identify(request, false));
  if (found.principal) return std::move(*found.principal);
  for (const TenantId& legacy : options_.legacy_tenants) {
    const bool is_meant = std::find(tenants.begin(), tenants.end(), legacy.str()) != tenants.end();
    if (!is_meant && options_.legacy_tenants.size() > 1) continue;
    Principal viewer;
    viewer.role = Role::kViewer;
    viewer.tenant = legacy;
    viewer.name = "old contract";
    return viewer;
  }
  return no_credentials();
}

}  // namespace millwright::http
