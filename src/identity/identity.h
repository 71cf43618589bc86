#pragma once
/// Who calls. Secrets leave these methods exactly once, at creation, and are stored as hashes.
///
/// Threads: any. Durable on return. Errors: kUnauthenticated for anything that does not prove what
/// it claims, in words that do not tell why; kResourceExhausted where attempts are limited.

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/principal.h"

namespace millwright {

struct DeviceToken {
  std::string jwt;
  Timestamp expires_at{};
};

struct UserSession {
  std::string id;          ///< the cookie's value; 256 random bits
  std::string csrf_token;  ///< sent back by state-changing requests in X-CSRF-Token
  Principal principal;
};

class Identity {
 public:
  virtual ~Identity() = default;

  // Devices -------------------------------------------------------------------------------------
  /// A single-use code by which one device may register itself in the tenant. Ends at `expires_at`.
  virtual Result<std::string> create_claim(const TenantId& tenant, Timestamp expires_at) = 0;
  /// Whether the claim was made for this tenant and has not expired, used or not; leaves it as it
  /// is. Errors: kUnauthenticated.
  virtual Result<> check_claim(const TenantId& tenant, std::string_view claim) = 0;
  /// Uses the claim up. Exactly one of many callers succeeds.
  virtual Result<> redeem_claim(const TenantId& tenant, std::string_view claim) = 0;
  /// A new secret for a device; an older one ends with it, its tokens too.
  virtual Result<std::string> set_device_secret(const TenantId& tenant, const DeviceId& device) = 0;
  virtual Result<> remove_device(const TenantId& tenant, const DeviceId& device) = 0;
  /// Exchanges the secret for a token that lives one hour.
  virtual Result<DeviceToken> device_token(const TenantId& tenant, const DeviceId& device,
                                           std::string_view secret) = 0;
  virtual Result<Principal> verify_device_token(std::string_view jwt) = 0;

  // Users ---------------------------------------------------------------------------------------
  virtual Result<UserSession> login(std::string_view user, std::string_view password) = 0;
  /// The session of a cookie. Errors: kUnauthenticated.
  virtual Result<UserSession> session(std::string_view id) = 0;
  virtual Result<> logout(std::string_view id) = 0;
};

}  // namespace millwright
