#include "storage/sqlite/sqlite_tenant_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "storage/sqlite/sqlite_sample_store.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

class SqliteTenantStore final : public TenantStore {
 public:
  SqliteTenantStore(TenantId tenant, std::shared_ptr<DataFolderLock> lock,
                    std::shared_ptr<Background> background,
                    std::unique_ptr<SqliteTenantCatalog> catalog,
                    std::unique_ptr<SqliteSampleStore> samples)
      : tenant_(std::move(tenant)),
        lock_(std::move(lock)),
        background_(std::move(background)),
        catalog_(std::move(catalog)),
        samples_(std::move(samples)) {}
  const TenantId& tenant() const override { return tenant_; }
  TenantCatalog& catalog() override { return *catalog_; }
  SampleStore& samples() override { return *samples_; }

 private:
  const TenantId tenant_;
  const std::shared_ptr<DataFolderLock> lock_;
  const std::shared_ptr<Background> background_;
  const std::unique_ptr<SqliteTenantCatalog> catalog_;
  const std::unique_ptr<SqliteSampleStore> samples_;
};

Result<> make_private_folder(const fs::path& folder) {
  std::error_code failed;
  if (!fs::create_directories(folder, failed) && failed) {
    return failed_precondition("cannot make folder " + folder.string() + ": " + failed.message() +
                               "; choose a data folder that this user may write");
  }
  fs::permissions(folder, fs::perms::owner_all, failed);
  return {};
}

/// So that a folder's new entry survives a power cut.
void flush_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

Result<std::unique_ptr<SqliteTenantDirectory>> SqliteTenantDirectory::open(const fs::path& root) {
  MW_TRY(make_private_folder(root));
  MW_ASSIGN(DataFolderLock lock, DataFolderLock::take(root));
  std::unique_ptr<SqliteTenantDirectory> directory(
      new SqliteTenantDirectory(root, std::move(lock)));
  MW_TRY(make_private_folder(directory->tenants_));
  flush_folder(root);
  return directory;
}

SqliteTenantDirectory::SqliteTenantDirectory(const fs::path& root, DataFolderLock lock)
    : lock_(std::make_shared<DataFolderLock>(std::move(lock))),
      background_(std::make_shared<Background>()),
      tenants_(root / "tenants"),
      closer_(background_->add([this] { return close_one(); })) {}

void SqliteTenantDirectory::release_idle(std::chrono::seconds idle_for) {
  const auto before = std::chrono::steady_clock::now() - idle_for;
  const std::lock_guard lock(mutex_);
  for (auto it = kept_.begin(); it != kept_.end();) {
    const bool is_idle = it->second.used <= before && it->second.store.use_count() == 1;
    if (is_idle) closing_.push_back(std::move(it->second.store));
    it = is_idle ? kept_.erase(it) : std::next(it);
  }
  std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  if (!closing_.empty()) closer_->wake();
}

bool SqliteTenantDirectory::close_one() {
  std::shared_ptr<TenantStore> store;
  {
    const std::lock_guard lock(mutex_);
    if (closing_.empty()) return false;
    store = std::move(closing_.back());
    closing_.pop_back();
  }
  // So that it opens at once when it is asked for again.
  if (const auto settled = store->samples().settle(); !settled) {
    log::warning("an idle tenant's samples could not be sealed; they stay in the log",
                 {{"tenant", store->tenant().str()}, {"detail", settled.error().detail}});
  }
  return true;
}

fs::path SqliteTenantDirectory::folder_of(const TenantId& tenant) const {
  return tenants_ / tenant.str();
}

Result<std::shared_ptr<TenantStore>> SqliteTenantDirectory::open_for_service(
    const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(tenant); found != open_.end()) {
    if (std::shared_ptr<TenantStore> store = found->second.lock()) {
      kept_[tenant] = {store, std::chrono::steady_clock::now()};
      return store;
    }
  }
  const fs::path folder = folder_of(tenant);
  if (!fs::is_directory(folder)) {
    return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
  }
  MW_ASSIGN(auto catalog, SqliteTenantCatalog::open(folder / "catalog.db"));
  MW_ASSIGN(auto samples, SqliteSampleStore::open(folder, background_.get()));
  flush_folder(folder);
  std::shared_ptr<TenantStore> store = std::make_shared<SqliteTenantStore>(
      tenant, lock_, background_, std::move(catalog), std::move(samples));
  open_[tenant] = store;
  kept_[tenant] = {store, std::chrono::steady_clock::now()};
  return store;
}

Result<> SqliteTenantDirectory::create_in(const fs::path& root, const TenantId& tenant) {
  const fs::path tenants = root / "tenants";
  MW_TRY(make_private_folder(root));
  MW_TRY(make_private_folder(tenants));
  const fs::path folder = tenants / tenant.str();
  if (fs::exists(folder)) {
    return already_exists("tenant " + quote(tenant.str()) +
                          " exists already; use it or choose another identifier");
  }
  MW_TRY(make_private_folder(folder));
  flush_folder(tenants);
  return {};
}

Result<> SqliteTenantDirectory::require_in(const fs::path& root, const TenantId& tenant) {
  if (fs::is_directory(root / "tenants" / tenant.str())) return {};
  return not_found("tenant " + quote(tenant.str()) + " does not exist in " + root.string() +
                   "; create it with 'millwright tenant create'");
}

Result<> SqliteTenantDirectory::create(const TenantId& tenant) {
  {
    const std::lock_guard lock(mutex_);
    MW_TRY(create_in(tenants_.parent_path(), tenant));
  }
  MW_TRY(open_for_service(tenant));
  return {};
}

Result<std::vector<TenantId>> SqliteTenantDirectory::tenants() {
  return tenants_in(tenants_.parent_path());
}

Result<std::vector<TenantId>> SqliteTenantDirectory::tenants_in(const fs::path& root) {
  std::vector<TenantId> out;
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "tenants", failed)) {
    if (!entry.is_directory()) continue;
    auto tenant = TenantId::parse(entry.path().filename().string());
    if (tenant) out.push_back(std::move(tenant).value());
  }
  if (failed) {
    return internal_error("the data folder " + root.string() + " cannot be read", failed.message());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace millwright
