#pragma once
/// Tenants as databases of PostgreSQL servers.
///
/// A directory database lists the tenants and where each lives: on its own server by default, or by
/// a connection string of its own. Threads: any. The directory must outlive its stores.

#include <map>
#include <mutex>

#include "postgres/pool.h"
#include "storage/postgres/time_layout.h"
#include "storage/tenant_directory.h"

namespace millwright {

class PostgresTenantDirectory final : public TenantDirectory {
 public:
  /// `url`: postgres://user@host:port/database names the server and the directory database, which
  /// is made where it is missing. A password comes from PGPASSWORD or a password file, as libpq
  /// reads them. `holder`: how others reach this process, for the tenants that it writes.
  /// Errors: kUnavailable, kInvalidArgument.
  static Result<std::unique_ptr<PostgresTenantDirectory>> open(const std::string& url,
                                                               std::string holder);

  /// A tenant that has moved is found at its new place after a second; who holds the store of the
  /// old place can read there and hears of each write that the tenant has moved. Errors:
  /// kFailedPrecondition where the directory names the old place.
  Result<std::shared_ptr<TenantStore>> open_for_service(const TenantId& tenant) override;
  Result<> create(const TenantId& tenant) override;
  Result<std::vector<TenantId>> tenants() override;

  const pg::ServerFacts& facts() const { return facts_; }

 private:
  PostgresTenantDirectory(std::string url, std::string holder)
      : url_(std::move(url)),
        holder_(std::move(holder)),
        pool_(std::make_shared<postgres::Pool>()) {}

  struct Open {
    std::weak_ptr<TenantStore> store;
    std::string target;
    std::chrono::steady_clock::time_point look_again;
  };
  /// The connection string of the tenant's database, as the directory has it.
  Result<std::string> target_of(const TenantId& tenant);
  Result<std::shared_ptr<TenantStore>> open_at(const TenantId& tenant, const std::string& target);

  const std::string url_;
  const std::string holder_;
  pg::ServerFacts facts_;
  const std::shared_ptr<postgres::Pool> pool_;  // held by open stores, too
  std::mutex mutex_;
  std::map<TenantId, Open> open_;  // guarded by mutex_
};

}  // namespace millwright
