#include "apps/millwright/tenant_stores.h"

#include <algorithm>

#include "base/text.h"
#include "storage/postgres/postgres_tenant_directory.h"
#include "storage/sqlite/sqlite_tenant_directory.h"

namespace millwright {
namespace {

/// What a command writes to a tenant, it writes beside the server: it is no holder.
constexpr const char* kCommand = "a command on this machine";

Result<std::unique_ptr<PostgresTenantDirectory>> open_postgres(const StorePlace& place,
                                                               const std::string& holder) {
  if (!place.store.starts_with("postgres://") && !place.store.starts_with("postgresql://")) {
    return invalid_argument("store " + quote(place.store) +
                            " is not understood; write postgres://user@host:5432/database, or "
                            "leave it out for the embedded store");
  }
  return PostgresTenantDirectory::open(place.store, holder);
}

}  // namespace

Result<OpenedStores> open_stores(const StorePlace& place, const std::string& holder) {
  OpenedStores out;
  if (place.is_embedded()) {
    MW_ASSIGN(out.directory, SqliteTenantDirectory::open(place.data));
    out.words = "embedded";
    return out;
  }
  MW_ASSIGN(auto directory, open_postgres(place, holder));
  out.words = pg::to_words(directory->facts());
  out.directory = std::move(directory);
  return out;
}

Result<> create_tenant(const StorePlace& place, const TenantId& tenant) {
  if (place.is_embedded()) return SqliteTenantDirectory::create_in(place.data, tenant);
  MW_ASSIGN(const auto directory, open_postgres(place, kCommand));
  return directory->create(tenant);
}

Result<> require_tenant(const StorePlace& place, const TenantId& tenant) {
  if (place.is_embedded()) return SqliteTenantDirectory::require_in(place.data, tenant);
  MW_ASSIGN(const std::vector<TenantId> all, list_tenants(place));
  if (std::find(all.begin(), all.end(), tenant) != all.end()) return {};
  return not_found("tenant " + quote(tenant.str()) +
                   " does not exist in the store; create it with 'millwright tenant create'");
}

Result<std::vector<TenantId>> list_tenants(const StorePlace& place) {
  if (place.is_embedded()) return SqliteTenantDirectory::tenants_in(place.data);
  MW_ASSIGN(const auto directory, open_postgres(place, kCommand));
  return directory->tenants();
}

}  // namespace millwright
