#pragma once
/// Identity on our own user store, the default where no OpenID provider is configured.
///
/// Files in the folder: identity.db, token.key (0600). Several processes may use them at once (the
/// server and the command line). Sessions end after 30 minutes without use and 12 hours in all;
/// after 5 wrong passwords a user name waits a minute.

#include <filesystem>
#include <memory>
#include <mutex>

#include "identity/identity.h"

namespace millwright {

class LocalIdentity final : public Identity {
 public:
  static Result<std::unique_ptr<LocalIdentity>> open(const std::filesystem::path& folder,
                                                     const Clock& clock);
  ~LocalIdentity() override;

  /// Adds a user, answers the password, which is not kept. Errors: kAlreadyExists,
  /// kInvalidArgument.
  Result<std::string> add_user(std::string_view name, Role role,
                               const std::optional<TenantId>& tenant);
  /// A new password, which is not kept; the user's sessions end. Errors: kNotFound.
  Result<std::string> reset_password(std::string_view name);
  Result<bool> has_users();

  Result<std::string> create_claim(const TenantId& tenant, Timestamp expires_at) override;
  Result<> check_claim(const TenantId& tenant, std::string_view claim) override;
  Result<> redeem_claim(const TenantId& tenant, std::string_view claim) override;
  Result<std::string> set_device_secret(const TenantId& tenant, const DeviceId& device) override;
  Result<> remove_device(const TenantId& tenant, const DeviceId& device) override;
  Result<DeviceToken> device_token(const TenantId& tenant, const DeviceId& device,
                                   std::string_view secret) override;
  Result<Principal> verify_device_token(std::string_view jwt) override;

  Result<UserSession> login(std::string_view user, std::string_view password) override;
  Result<UserSession> session(std::string_view id) override;
  Result<> logout(std::string_view id) override;

 private:
  struct State;
  explicit LocalIdentity(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace millwright
