#pragma once
/// Identities in memory, with secrets that tests can read. For tests only.

#include <map>
#include <mutex>
#include <set>

#include "identity/identity.h"

namespace millwright::testing {

class FakeIdentity final : public Identity {
 public:
  Result<std::string> create_claim(const TenantId& tenant, Timestamp) override {
    const std::lock_guard lock(mutex_);
    std::string claim = "claim-" + std::to_string(++count_);
    claims_.insert({tenant, claim});
    return claim;
  }
  Result<> check_claim(const TenantId& tenant, std::string_view claim) override {
    const std::lock_guard lock(mutex_);
    const std::pair key{tenant, std::string(claim)};
    if (claims_.contains(key) || used_claims_.contains(key)) return {};
    return unauthenticated("the claim is not valid");
  }
  Result<> redeem_claim(const TenantId& tenant, std::string_view claim) override {
    const std::lock_guard lock(mutex_);
    if (claims_.erase({tenant, std::string(claim)}) == 1) {
      used_claims_.insert({tenant, std::string(claim)});
      return {};
    }
    return unauthenticated("the claim is not valid");
  }
  Result<std::string> set_device_secret(const TenantId& tenant, const DeviceId& device) override {
    const std::lock_guard lock(mutex_);
    return secrets_[{tenant, device}] = "secret-" + std::to_string(++count_);
  }
  Result<> remove_device(const TenantId& tenant, const DeviceId& device) override {
    const std::lock_guard lock(mutex_);
    secrets_.erase({tenant, device});
    return {};
  }
  Result<DeviceToken> device_token(const TenantId& tenant, const DeviceId& device,
                                   std::string_view secret) override {
    const std::lock_guard lock(mutex_);
    const auto it = secrets_.find({tenant, device});
    if (it == secrets_.end() || it->second != secret) return unauthenticated("wrong secret");
    return DeviceToken{tenant.str() + "/" + device.str() + "/" + it->second, from_us(0)};
  }
  Result<Principal> verify_device_token(std::string_view jwt) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, secret] : secrets_) {
      if (jwt != key.first.str() + "/" + key.second.str() + "/" + secret) continue;
      Principal principal;
      principal.role = Role::kDevice;
      principal.tenant = key.first;
      principal.device = key.second;
      principal.name = key.second.str();
      return principal;
    }
    return unauthenticated("the token is not valid");
  }

  /// The user may log in with the password "right".
  void add_user(const std::string& name, Role role, const TenantId& tenant) {
    Principal principal;
    principal.role = role;
    principal.tenant = tenant;
    principal.name = name;
    users_.insert_or_assign(name, principal);
  }
  Result<UserSession> login(std::string_view user, std::string_view password) override {
    const std::lock_guard lock(mutex_);
    const auto it = users_.find(std::string(user));
    if (it == users_.end() || password != "right") return unauthenticated("user or password wrong");
    UserSession session{"session-" + std::to_string(++count_), "csrf", it->second};
    sessions_.insert_or_assign(session.id, session);
    return session;
  }
  Result<UserSession> session(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    const auto it = sessions_.find(std::string(id));
    if (it == sessions_.end()) return unauthenticated("the session has ended; log in again");
    return it->second;
  }
  Result<> logout(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    sessions_.erase(std::string(id));
    return {};
  }

 private:
  std::mutex mutex_;  // guards everything but users_, which are added before the test begins
  int count_ = 0;
  std::set<std::pair<TenantId, std::string>> claims_;
  std::set<std::pair<TenantId, std::string>> used_claims_;
  std::map<std::pair<TenantId, DeviceId>, std::string> secrets_;
  std::map<std::string, Principal> users_;
  std::map<std::string, UserSession> sessions_;
};

}  // namespace millwright::testing
