#pragma once
/// Tenants as folders: `root/tenants/<tenant>/` with `catalog.db`, `samples.db` and `chunks.db`.
///
/// One process has a data folder at a time. Folders are 0700, files 0600. The files are described
/// in docs/formats/tenant-folder.md.
///
/// Threads: any. A store closes when the last who holds it lets go; the directory may be gone then.

#include <filesystem>
#include <map>
#include <mutex>

#include "storage/sqlite/background.h"
#include "storage/sqlite/data_folder_lock.h"
#include "storage/tenant_directory.h"

namespace millwright {

class SqliteTenantDirectory final : public TenantDirectory {
 public:
  /// Makes the folder where it is missing. Errors: kFailedPrecondition naming the folder, where
  /// another process has it or it cannot be written.
  static Result<std::unique_ptr<SqliteTenantDirectory>> open(const std::filesystem::path& root);

  /// Makes a tenant's folder, also beside a server that has the data folder: it fills the folder
  /// when it opens the tenant. Errors: kAlreadyExists, kFailedPrecondition where it cannot be
  /// written.
  static Result<> create_in(const std::filesystem::path& root, const TenantId& tenant);

  /// Whether the tenant is there, also beside a server. Errors: kNotFound.
  static Result<> require_in(const std::filesystem::path& root, const TenantId& tenant);

  /// The tenants that are there, also beside a server.
  static Result<std::vector<TenantId>> tenants_in(const std::filesystem::path& root);

  Result<std::shared_ptr<TenantStore>> open_for_service(const TenantId& tenant) override;
  Result<> create(const TenantId& tenant) override;
  Result<std::vector<TenantId>> tenants() override;
  void release_idle(std::chrono::seconds idle_for) override;

 private:
  struct Kept {
    std::shared_ptr<TenantStore> store;
    std::chrono::steady_clock::time_point used;
  };
  /// Brings one idle store into its final form and lets go of it; answers whether more wait.
  bool close_one();

  SqliteTenantDirectory(const std::filesystem::path& root, DataFolderLock lock);
  std::filesystem::path folder_of(const TenantId& tenant) const;

  const std::shared_ptr<DataFolderLock> lock_;    // held by open stores, too
  const std::shared_ptr<Background> background_;  // seals for all tenants; held by open stores, too
  const std::filesystem::path tenants_;
  std::mutex mutex_;
  std::map<TenantId, std::weak_ptr<TenantStore>> open_;  // guarded by mutex_
  std::map<TenantId, Kept> kept_;                        // guarded by mutex_
  std::vector<std::shared_ptr<TenantStore>> closing_;    // guarded by mutex_
  std::unique_ptr<Background::Job> closer_;              // last: it ends first
};

}  // namespace millwright
