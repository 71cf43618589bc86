#pragma once
/// Identity for tests: a token is "TENANT/DEVICE", the secret "secret"; tokens can be withdrawn.

#include <set>

#include "identity/identity.h"

namespace millwright::testing {

class FakeIdentity final : public Identity {
 public:
  Result<std::string> create_claim(const TenantId&, Timestamp) override { return none(); }
  Result<> check_claim(const TenantId&, std::string_view) override { return none(); }
  Result<> redeem_claim(const TenantId&, std::string_view) override { return none(); }
  Result<std::string> set_device_secret(const TenantId&, const DeviceId&) override {
    return none();
  }
  Result<> remove_device(const TenantId&, const DeviceId&) override { return none(); }

  Result<DeviceToken> device_token(const TenantId& tenant, const DeviceId& device,
                                   std::string_view secret) override {
    if (secret != "secret") return unauthenticated("device or secret is wrong");
    return DeviceToken{tenant.str() + '/' + device.str(), from_us(1)};
  }
  Result<Principal> verify_device_token(std::string_view jwt) override {
    const std::lock_guard lock(mutex_);
    const std::size_t slash = jwt.find('/');
    if (slash == std::string_view::npos || withdrawn_.contains(std::string(jwt))) {
      return unauthenticated("the token is not valid");
    }
    MW_ASSIGN(const TenantId tenant, TenantId::parse(jwt.substr(0, slash)));
    MW_ASSIGN(const DeviceId device, DeviceId::parse(jwt.substr(slash + 1)));
    return Principal{Role::kDevice, tenant, device, device.str(), false};
  }
  void withdraw(const std::string& token) {
    const std::lock_guard lock(mutex_);
    withdrawn_.insert(token);
  }

  Result<UserSession> login(std::string_view, std::string_view) override { return none(); }
  Result<UserSession> session(std::string_view) override { return none(); }
  Result<> logout(std::string_view) override { return none(); }

 private:
  static Error none() { return Error{ErrorCode::kUnimplemented, "not part of this test", {}}; }

  std::mutex mutex_;
  std::set<std::string> withdrawn_;  // guarded by mutex_
};

}  // namespace millwright::testing
