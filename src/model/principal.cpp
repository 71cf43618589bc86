#include "model/principal.h"

#include "base/text.h"

namespace millwright {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kOperator:
      return "operator";
    case Role::kAdministrator:
      return "administrator";
    case Role::kEngineer:
      return "engineer";
    case Role::kTechnician:
      return "technician";
    case Role::kViewer:
      return "viewer";
    case Role::kDevice:
      return "device";
  }
  return "viewer";
}

Result<Role> role_from_string(std::string_view text) {
  for (const Role role : {Role::kOperator, Role::kAdministrator, Role::kEngineer, Role::kTechnician,
                          Role::kViewer, Role::kDevice}) {
    if (to_string(role) == text) return role;
  }
  return invalid_argument("role " + quote(text) + " is unknown");
}

Result<> require_tenant(const Principal& principal, const TenantId& tenant) {
  if (principal.role == Role::kOperator || principal.tenant == tenant) return {};
  return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
}

Result<> require_manage(const Principal& principal) {
  if (principal.may_manage_devices()) return {};
  return permission_denied("role '" + std::string(to_string(principal.role)) +
                           "' may not manage devices; log in as an engineer or administrator");
}

Result<> require_administer(const Principal& principal) {
  if (principal.may_administer()) return {};
  return permission_denied("role '" + std::string(to_string(principal.role)) +
                           "' may not administer; log in as an administrator");
}

}  // namespace millwright
