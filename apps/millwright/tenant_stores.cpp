#include "apps/millwright/tenant_stores.h"

#include <algorithm>

#include "base/text.h"
#include "storage/postgres/postgres_tenant_directory.h"
#include "storage/sqlite/sqlite_expiry.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"
#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/watermark_file/watermark_file.h"

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

/// Reads the files: the server alone may open the store itself.
class TenantInFolder final : public TenantBeside {
 public:
  TenantInFolder(std::filesystem::path folder, std::unique_ptr<SqliteTenantCatalog> catalog)
      : folder_(std::move(folder)), catalog_(std::move(catalog)) {}
  TenantCatalog& catalog() override { return *catalog_; }
  Result<Expirable> expirable(std::span<const Expiry> expiries) override {
    return expirable_in(folder_, expiries);
  }

 private:
  const std::filesystem::path folder_;
  const std::unique_ptr<SqliteTenantCatalog> catalog_;
};

/// Takes no lease as long as it stores no samples.
class TenantInDatabase final : public TenantBeside {
 public:
  TenantInDatabase(std::unique_ptr<TenantDirectory> directory, std::shared_ptr<TenantStore> store)
      : directory_(std::move(directory)), store_(std::move(store)) {}
  TenantCatalog& catalog() override { return store_->catalog(); }
  Result<Expirable> expirable(std::span<const Expiry> expiries) override {
    return store_->samples().expirable(expiries);
  }

 private:
  const std::unique_ptr<TenantDirectory> directory_;
  const std::shared_ptr<TenantStore> store_;
};

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

OpenWatermarkLog watermark_logs_in(const std::filesystem::path& data) {
  return [folder = data /
                   "watermarks"](const TenantId& tenant) -> Result<std::unique_ptr<WatermarkLog>> {
    MW_ASSIGN(auto log, WatermarkFile::open(folder / (tenant.str() + ".log")));
    return std::unique_ptr<WatermarkLog>(std::move(log));
  };
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

Result<std::unique_ptr<TenantBeside>> open_beside(const StorePlace& place, const TenantId& tenant) {
  if (place.is_embedded()) {
    MW_TRY(SqliteTenantDirectory::require_in(place.data, tenant));
    std::filesystem::path folder = place.data / "tenants" / tenant.str();
    MW_ASSIGN(auto catalog, SqliteTenantCatalog::open(folder / "catalog.db"));
    return std::unique_ptr<TenantBeside>(
        std::make_unique<TenantInFolder>(std::move(folder), std::move(catalog)));
  }
  MW_ASSIGN(auto directory, open_postgres(place, kCommand));
  MW_ASSIGN(auto store, directory->open_for_service(tenant));
  return std::unique_ptr<TenantBeside>(
      std::make_unique<TenantInDatabase>(std::move(directory), std::move(store)));
}

}  // namespace millwright
