#include "storage/memory/memory_tenant_directory.h"

#include "base/text.h"
#include "storage/memory/memory_sample_store.h"
#include "storage/memory/memory_tenant_catalog.h"

namespace millwright {
namespace {

class MemoryTenantStore final : public TenantStore {
 public:
  explicit MemoryTenantStore(TenantId tenant) : tenant_(std::move(tenant)) {}
  const TenantId& tenant() const override { return tenant_; }
  TenantCatalog& catalog() override { return catalog_; }
  SampleStore& samples() override { return samples_; }

 private:
  const TenantId tenant_;
  MemoryTenantCatalog catalog_;
  MemorySampleStore samples_;
};

}  // namespace

Result<std::shared_ptr<TenantStore>> MemoryTenantDirectory::open_for_service(
    const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  const auto found = stores_.find(tenant);
  if (found == stores_.end()) {
    return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
  }
  return found->second;
}

Result<> MemoryTenantDirectory::create(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  if (stores_.contains(tenant)) {
    return already_exists("tenant " + quote(tenant.str()) +
                          " exists already; use it or choose another identifier");
  }
  stores_.emplace(tenant, std::make_shared<MemoryTenantStore>(tenant));
  return {};
}

Result<std::vector<TenantId>> MemoryTenantDirectory::tenants() {
  const std::lock_guard lock(mutex_);
  std::vector<TenantId> out;
  for (const auto& entry : stores_) out.push_back(entry.first);
  return out;
}

}  // namespace millwright
