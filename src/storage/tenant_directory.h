#pragma once
/// Opens a tenant's store, for a principal of that tenant only.
///
/// Threads: any. A store is opened once and shared; it stays open while somebody holds it, and for
/// some minutes after. Another store than before is answered where the tenant has moved meanwhile:
/// who holds one for long asks again, now and then.

#include <chrono>
#include <memory>
#include <vector>

#include "model/principal.h"
#include "storage/sample_store.h"
#include "storage/tenant_catalog.h"

namespace millwright {

/// One tenant's data. Opened for one tenant: no method takes a tenant, so no query can reach the
/// wrong one.
class TenantStore {
 public:
  virtual ~TenantStore() = default;
  virtual const TenantId& tenant() const = 0;
  virtual TenantCatalog& catalog() = 0;
  virtual SampleStore& samples() = 0;
};

class TenantDirectory {
 public:
  virtual ~TenantDirectory() = default;
  /// Errors: kNotFound for a tenant that is missing or not the principal's own (the same words).
  Result<std::shared_ptr<TenantStore>> open(const Principal& principal, const TenantId& tenant) {
    MW_TRY(require_tenant(principal, tenant));
    return open_for_service(tenant);
  }
  /// For our own services, which act for all tenants (the writer, the watchdog, the analyst).
  /// Errors: kNotFound.
  virtual Result<std::shared_ptr<TenantStore>> open_for_service(const TenantId& tenant) = 0;
  /// Errors: kAlreadyExists.
  virtual Result<> create(const TenantId& tenant) = 0;
  virtual Result<std::vector<TenantId>> tenants() = 0;
  /// Closes, in the background, the stores that nobody holds and nobody asked for so long: tenants
  /// that are idle cost no files and no memory. To be called now and then.
  virtual void release_idle(std::chrono::seconds /*idle_for*/) {}
};

}  // namespace millwright
