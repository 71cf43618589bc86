#include "apps/millwright/admin_commands.h"

#include <cstdio>

#include "base/text.h"
#include "identity/local/local_identity.h"
#include "registry/directory/directory_model_registry.h"

namespace millwright {
namespace {

Result<> create_tenant(const StorePlace& place, const std::string& text, bool if_missing) {
  MW_ASSIGN(const TenantId tenant, TenantId::parse(text));
  const auto created = millwright::create_tenant(place, tenant);
  if (!created && !(if_missing && created.error().code == ErrorCode::kAlreadyExists)) {
    return created.error();
  }
  return {};
}

Result<std::string> create_claim(const StorePlace& place, const std::string& text,
                                 std::chrono::hours lifetime) {
  const SystemClock clock;
  MW_ASSIGN(const TenantId tenant, TenantId::parse(text));
  MW_TRY(require_tenant(place, tenant));
  MW_ASSIGN(const auto identity, LocalIdentity::open(place.data, clock));
  return identity->create_claim(tenant, clock.now() + lifetime);
}

Result<std::string> add_user(const StorePlace& place, const std::string& name,
                             const std::string& role_name, const std::string& tenant_name) {
  const SystemClock clock;
  MW_ASSIGN(const Role role, role_from_string(role_name));
  std::optional<TenantId> tenant;
  if (!tenant_name.empty()) {
    MW_ASSIGN(tenant, TenantId::parse(tenant_name));
    MW_TRY(require_tenant(place, *tenant));
    if (role == Role::kOperator) {
      return invalid_argument("an operator belongs to no tenant; leave --tenant out");
    }
  }
  MW_ASSIGN(const auto identity, LocalIdentity::open(place.data, clock));
  return identity->add_user(name, role, tenant);
}

Result<std::string> reset_password(const std::filesystem::path& data, const std::string& name) {
  const SystemClock clock;
  MW_ASSIGN(const auto identity, LocalIdentity::open(data, clock));
  return identity->reset_password(name);
}

Result<> list_models(ModelRegistry& registry) {
  MW_ASSIGN(const auto names, registry.names());
  for (const std::string& name : names) {
    MW_ASSIGN(const auto versions, registry.versions(name));
    for (const ModelVersion& version : versions) {
      std::printf("%s\t%d\t%s\t%s\n", name.c_str(), version.version,
                  std::string(to_string(version.stage)).c_str(),
                  format_utc(version.created).c_str());
    }
  }
  return {};
}

/// Opens the registry, calls `act`, prints what became live.
template <typename Act>
int with_registry(const std::filesystem::path& folder, const Act& act) {
  const SystemClock clock;
  auto registry = DirectoryModelRegistry::open(folder, clock);
  if (!registry) return report_failure(registry.error());
  const Result<> done = act(**registry);
  return done ? 0 : report_failure(done.error());
}

Result<> say_live(const Result<ModelVersion>& live) {
  if (!live) return live.error();
  std::printf("%s version %d is live\n", live->name.c_str(), live->version);
  return {};
}

}  // namespace

int report_failure(const Error& error) {
  std::fprintf(stderr, "millwright: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "millwright: detail: %s\n", error.detail.c_str());
  return 1;
}

int tenant_create_command(const StorePlace& place, const std::string& tenant, bool if_missing) {
  const auto created = create_tenant(place, tenant, if_missing);
  return created ? 0 : report_failure(created.error());
}

int tenant_list_command(const StorePlace& place) {
  const auto tenants = list_tenants(place);
  if (!tenants) return report_failure(tenants.error());
  for (const TenantId& tenant : *tenants) std::printf("%s\n", tenant.str().c_str());
  return 0;
}

int claim_create_command(const StorePlace& place, const std::string& tenant,
                         std::chrono::hours lifetime) {
  const auto claim = create_claim(place, tenant, lifetime);
  if (!claim) return report_failure(claim.error());
  std::printf("%s\n", claim->c_str());
  return 0;
}

int user_add_command(const StorePlace& place, const std::string& name, const std::string& role,
                     const std::string& tenant) {
  const auto password = add_user(place, name, role, tenant);
  if (!password) return report_failure(password.error());
  std::printf("%s\n", password->c_str());
  return 0;
}

int user_password_command(const std::filesystem::path& data, const std::string& name) {
  const auto password = reset_password(data, name);
  if (!password) return report_failure(password.error());
  std::printf("%s\n", password->c_str());
  return 0;
}

int model_list_command(const std::filesystem::path& registry) {
  return with_registry(registry, list_models);
}

int model_promote_command(const std::filesystem::path& registry, const std::string& name,
                          int version) {
  return with_registry(registry,
                       [&](ModelRegistry& r) { return say_live(r.promote(name, version)); });
}

int model_rollback_command(const std::filesystem::path& registry, const std::string& name) {
  return with_registry(registry, [&](ModelRegistry& r) { return say_live(r.rollback(name)); });
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
