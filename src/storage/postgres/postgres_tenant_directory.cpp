#include "storage/postgres/postgres_tenant_directory.h"

#include "base/log.h"
#include "base/text.h"
#include "storage/postgres/connection_string.h"
#include "storage/postgres/databases.h"
#include "storage/postgres/postgres_sample_store.h"
#include "storage/postgres/postgres_tenant_catalog.h"
#include "storage/postgres/schema.h"
#include "storage/postgres/tenant_fence.h"

namespace millwright {

using postgres::Connection;
using postgres::Pool;
using postgres::Rows;

namespace {

class PostgresTenantStore final : public TenantStore {
 public:
  PostgresTenantStore(TenantId tenant, std::shared_ptr<Pool> pool,
                      std::unique_ptr<PostgresTenantCatalog> catalog,
                      std::unique_ptr<PostgresSampleStore> samples)
      : tenant_(std::move(tenant)),
        pool_(std::move(pool)),
        catalog_(std::move(catalog)),
        samples_(std::move(samples)) {}
  const TenantId& tenant() const override { return tenant_; }
  TenantCatalog& catalog() override { return *catalog_; }
  SampleStore& samples() override { return *samples_; }

 private:
  const TenantId tenant_;
  const std::shared_ptr<Pool> pool_;
  const std::unique_ptr<PostgresTenantCatalog> catalog_;
  const std::unique_ptr<PostgresSampleStore> samples_;
};

/// How long a store is given out before the directory is asked again whether the tenant has moved.
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

Result<std::unique_ptr<PostgresTenantDirectory>> PostgresTenantDirectory::open(
    const std::string& url, std::string holder) {
  MW_ASSIGN(const std::string database, pg::database_of(url, "millwright"));
  const std::string directory_url = pg::on_same_server(url, database);
  std::unique_ptr<PostgresTenantDirectory> directory(
      new PostgresTenantDirectory(directory_url, std::move(holder)));
  if (!directory->pool_->lease(directory_url)) {
    // Perhaps only the database is missing.
    MW_ASSIGN(Connection server, Connection::open(pg::on_same_server(url, "postgres")));
    MW_ASSIGN(const bool is_there, pg::has_database(server, database));
    if (!is_there) {
      const auto created = pg::create_database(server, database);
      if (!created && created.error().code != ErrorCode::kAlreadyExists) return created.error();
    }
  }
  MW_ASSIGN(const Pool::Lease lease, directory->pool_->lease(directory_url));
  MW_TRY(lease->migrate("directory", pg::directory_migrations()));
  MW_ASSIGN(directory->facts_, pg::server_facts(*lease));
  return directory;
}

Result<std::shared_ptr<TenantStore>> PostgresTenantDirectory::open_for_service(
    const TenantId& tenant) {
  constexpr auto kNobody = std::chrono::steady_clock::time_point::max();
  std::shared_ptr<TenantStore> known;
  {
    const std::lock_guard lock(mutex_);
    Open& open = open_[tenant];
    known = open.store.lock();
    if (known && std::chrono::steady_clock::now() < open.look_again) return known;
    open.look_again = kNobody;  // but us: a server that does not answer is to hold up one caller
  }
  const Result<std::string> target = target_of(tenant);
  const std::lock_guard lock(mutex_);
  Open& open = open_[tenant];
  open.look_again = std::chrono::steady_clock::now() + kLookAgain;
  if (!target) {
    // The tenant's own server may be well while that of the directory is away.
    if (known && target.error().code == ErrorCode::kUnavailable) return known;
    return target.error();
  }
  std::shared_ptr<TenantStore> store = open.store.lock();
  if (store && open.target == *target) return store;
  MW_ASSIGN(store, open_at(tenant, *target));
  open.store = store;
  open.target = *target;
  return store;
}

Result<std::string> PostgresTenantDirectory::target_of(const TenantId& tenant) {
  MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT connection FROM tenants WHERE tenant = $1", tenant.str()));
  if (rows.empty()) {
    return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
  }
  std::string target = rows.text(0, 0);
  return target.empty() ? pg::on_same_server(url_, pg::database_name(tenant)) : target;
}

Result<std::shared_ptr<TenantStore>> PostgresTenantDirectory::open_at(const TenantId& tenant,
                                                                      const std::string& target) {
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(target));
    MW_TRY(lease->migrate("catalog", pg::catalog_migrations()));
  }
  MW_ASSIGN(auto samples, PostgresSampleStore::open(*pool_, target, holder_));
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(target));
    MW_ASSIGN(const std::optional<std::string> moved, pg::moved_to(*lease));
    if (moved) {
      return failed_precondition("tenant " + quote(tenant.str()) + " has moved to " + *moved +
                                 ", but the store names its old place; move it there again "
                                 "('millwright tenant move'), or correct the store's table "
                                 "'tenants'");
    }
  }
  return std::shared_ptr<TenantStore>(std::make_shared<PostgresTenantStore>(
      tenant, pool_, std::make_unique<PostgresTenantCatalog>(*pool_, target), std::move(samples)));
}

Result<> PostgresTenantDirectory::create(const TenantId& tenant) {
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
    MW_ASSIGN(const std::optional<std::int64_t> known,
              lease->integer("SELECT 1::bigint FROM tenants WHERE tenant = $1", tenant.str()));
    if (known) {
      return already_exists("tenant " + quote(tenant.str()) +
                            " exists already; use it or choose another identifier");
    }
    // A database without an entry is left from a create() that was cut short.
    MW_ASSIGN(const bool is_there, pg::has_database(*lease, pg::database_name(tenant)));
    if (!is_there) {
      const auto created = pg::create_database(*lease, pg::database_name(tenant));
      if (!created && created.error().code != ErrorCode::kAlreadyExists) return created.error();
    }
    MW_TRY(lease->run("INSERT INTO tenants VALUES ($1, '') ON CONFLICT DO NOTHING", tenant.str()));
  }
  MW_TRY(open_for_service(tenant));
  return {};
}

Result<std::vector<TenantId>> PostgresTenantDirectory::tenants() {
  MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT tenant FROM tenants ORDER BY tenant"));
  std::vector<TenantId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto tenant = TenantId::parse(rows.text(i, 0));
    if (tenant) out.push_back(std::move(tenant).value());
  }
  return out;
}

}  // namespace millwright
