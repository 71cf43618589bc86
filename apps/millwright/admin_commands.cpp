#include "apps/millwright/admin_commands.h"

#include <cstdio>

#include "base/text.h"
#include "identity/local/local_identity.h"
#include "storage/sqlite/sqlite_tenant_directory.h"

namespace millwright {
namespace {

Result<> create_tenant(const std::filesystem::path& data, const std::string& text,
                       bool if_missing) {
  MW_ASSIGN(const TenantId tenant, TenantId::parse(text));
  const auto created = SqliteTenantDirectory::create_in(data, tenant);
  if (!created && !(if_missing && created.error().code == ErrorCode::kAlreadyExists)) {
    return created.error();
  }
  return {};
}

Result<std::string> create_claim(const std::filesystem::path& data, const std::string& text,
                                 std::chrono::hours lifetime) {
  const SystemClock clock;
  MW_ASSIGN(const TenantId tenant, TenantId::parse(text));
  MW_ASSIGN(const auto identity, LocalIdentity::open(data, clock));
  return identity->create_claim(tenant, clock.now() + lifetime);
}

Result<std::string> add_user(const std::filesystem::path& data, const std::string& name,
                             const std::string& role_name, const std::string& tenant_name) {
  const SystemClock clock;
  MW_ASSIGN(const Role role, role_from_string(role_name));
  std::optional<TenantId> tenant;
  if (!tenant_name.empty()) {
    MW_ASSIGN(tenant, TenantId::parse(tenant_name));
  }
  MW_ASSIGN(const auto identity, LocalIdentity::open(data, clock));
  return identity->add_user(name, role, tenant);
}

}  // namespace

int report_failure(const Error& error) {
  std::fprintf(stderr, "millwright: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "millwright: detail: %s\n", error.detail.c_str());
  return 1;
}

int tenant_create_command(const std::filesystem::path& data, const std::string& tenant,
                          bool if_missing) {
  const auto created = create_tenant(data, tenant, if_missing);
  return created ? 0 : report_failure(created.error());
}

int claim_create_command(const std::filesystem::path& data, const std::string& tenant,
                         std::chrono::hours lifetime) {
  const auto claim = create_claim(data, tenant, lifetime);
  if (!claim) return report_failure(claim.error());
  std::printf("%s\n", claim->c_str());
  return 0;
}

int user_add_command(const std::filesystem::path& data, const std::string& name,
                     const std::string& role, const std::string& tenant) {
  const auto password = add_user(data, name, role, tenant);
  if (!password) return report_failure(password.error());
  std::printf("%s\n", password->c_str());
  return 0;
}

Result<> ensure_first_administrator(const ServeOptions& options, const Clock& clock) {
  MW_ASSIGN(const auto identity, LocalIdentity::open(options.data, clock));
  MW_ASSIGN(const bool has_users, identity->has_users());
  if (has_users) return {};
  // With a demo tenant the administrator is that tenant's; otherwise the operator creates tenants.
  const Role role = options.demo_tenant ? Role::kAdministrator : Role::kOperator;
  MW_ASSIGN(const std::string password, identity->add_user("admin", role, options.demo_tenant));
  std::printf("First start: user 'admin' (%s) has the password %s\nIt is shown this once.\n",
              std::string(to_string(role)).c_str(), password.c_str());
  std::fflush(stdout);
  return {};
}

}  // namespace millwright
