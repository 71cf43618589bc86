#pragma once
/// Who calls. Every handler gets one and reaches a tenant's store only through it.

#include <optional>
#include <string>

#include "base/ids.h"

namespace millwright {

enum class Role { kOperator, kAdministrator, kEngineer, kTechnician, kViewer, kDevice };

/// "operator", "administrator", "engineer", "technician", "viewer", "device".
std::string_view to_string(Role role);
Result<Role> role_from_string(std::string_view text);

struct Principal {
  Role role = Role::kViewer;
  std::optional<TenantId> tenant;  ///< missing for the operator, who belongs to none
  std::optional<DeviceId> device;  ///< present exactly when role is kDevice and one is meant
  std::string name;                ///< user name, or the device's identifier; for logs and audit
  /// A device of the old contract: its listener names the tenant, it may act for every device in
  /// it.
  bool legacy = false;

  bool may_read() const { return true; }
  /// Registers, changes and removes devices, makes claims, sends commands.
  bool may_manage_devices() const {
    return role == Role::kAdministrator || role == Role::kEngineer || role == Role::kOperator ||
           legacy;
  }
  bool may_administer() const { return role == Role::kAdministrator || role == Role::kOperator; }
  /// Whether it may send samples and statuses for that device.
  bool may_write_as(const DeviceId& id) const {
    return legacy || (role == Role::kDevice && device && *device == id);
  }
};

/// kNotFound with the same words for a foreign tenant and a missing one, so that neither leaks.
Result<> require_tenant(const Principal& principal, const TenantId& tenant);
/// kPermissionDenied unless the principal may manage devices.
Result<> require_manage(const Principal& principal);
/// kPermissionDenied unless the principal administers its tenant.
Result<> require_administer(const Principal& principal);

}  // namespace millwright
