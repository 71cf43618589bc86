#pragma once
/// From a request to who calls.
///
/// A device brings `Authorization: Bearer`, a person the session cookie. Without credentials the
/// caller is nobody; a listener may be told to take nobody for a read-only viewer of one tenant
/// (the demo), or to serve the old contract for named tenants. Nothing is ever allowed because of
/// the address that a request comes from.
///
/// Threads: any.

#include <optional>
#include <string>
#include <vector>

#include "identity/identity.h"
#include "transport/http/message.h"

namespace millwright::http {

struct AccessOptions {
  /// The old, unauthenticated contract is served for these tenants. Empty: not at all.
  std::vector<TenantId> legacy_tenants;
  /// Callers without credentials see this tenant, read-only.
  std::optional<TenantId> demo_tenant;
  /// The cookie is marked Secure and its name begins with `__Host-`: where browsers come by TLS.
  bool secure_cookie = false;
};

struct Caller {
  std::optional<Principal> principal;  ///< missing: nobody
  std::string session_id;              ///< of the cookie; empty where none was used
  std::string csrf_token;
  bool demo = false;  ///< nobody, taken for the demo's viewer

  bool has_credentials() const { return principal && !demo; }
};

class Authentication {
 public:
  /// `identity` outlives it.
  Authentication(Identity& identity, AccessOptions options);

  /// Errors: kUnauthenticated for credentials that are wrong or have ended; kPermissionDenied for
  /// a state-changing request by cookie without the session's X-CSRF-Token.
  Result<Caller> caller(const Request& request) const;
  /// The principal, or kUnauthenticated with the way to log in.
  Result<Principal> require(const Request& request) const;
  /// For the calls of the old contract: as require(), but nobody may act for a legacy tenant.
  Result<Principal> require_for(const Request& request, const TenantId& tenant) const;
  /// For the analytics API, whose calls only read, whatever their method: no X-CSRF-Token is asked
  /// for. Nobody reads a legacy tenant where the old contract is served: the one of `tenants` that
  /// is one, or the only one.
  Result<Principal> require_reader(const Request& request,
                                   const std::vector<std::string>& tenants) const;
  bool is_legacy_tenant(const TenantId& tenant) const;

  const AccessOptions& options() const { return options_; }
  std::string cookie_name() const;
  /// The Set-Cookie value; an empty id ends the cookie.
  std::string cookie(const std::string& session_id) const;

 private:
  Result<Caller> identify(const Request& request, bool check_csrf) const;

  Identity& identity_;
  AccessOptions options_;
};

/// The principal of a caller of the old contract in this tenant.
Principal legacy_principal(const TenantId& tenant);

}  // namespace millwright::http
