#pragma once
/// Tenants in memory, for tests. Nothing survives the directory.
///
/// Threads: any. A tenant's store lives as long as the directory or somebody who holds it.

#include <map>
#include <mutex>

#include "storage/tenant_directory.h"

namespace millwright {

class MemoryTenantDirectory final : public TenantDirectory {
 public:
  Result<std::shared_ptr<TenantStore>> open_for_service(const TenantId& tenant) override;
  Result<> create(const TenantId& tenant) override;
  Result<std::vector<TenantId>> tenants() override;

 private:
  std::mutex mutex_;
  std::map<TenantId, std::shared_ptr<TenantStore>> stores_;  // guarded by mutex_
};

}  // namespace millwright
