#pragma once
/// Our own device tokens: JWT (RFC 7519) with HS256, one fixed key, one fixed policy.
///
/// Verification takes alg HS256 only, the exact issuer and audience, a typ of JWT, no critical
/// headers, and a whole-number exp in the future. Threads: any.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace millwright {

class TokenSigner {
 public:
  /// `key` has 32 bytes.
  explicit TokenSigner(std::string_view key);
  ~TokenSigner();

  /// Adds iss, aud, iat and exp to the claims.
  Result<std::string> sign(nlohmann::json claims, Timestamp now,
                           std::chrono::seconds lifetime) const;
  /// The claims of a valid token. Errors: kUnauthenticated, always in the same words.
  Result<nlohmann::json> verify(std::string_view jwt, Timestamp now) const;

 private:
  struct Key;
  std::unique_ptr<Key> key_;
};

}  // namespace millwright
