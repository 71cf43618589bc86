#pragma once
/// Where tenants' data lie: in the data folder, or in PostgreSQL.
///
/// The only place that names a storage adapter. Threads: any.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/tenant_directory.h"
#include "storage/watermark_log.h"

namespace millwright {

struct StorePlace {
  std::filesystem::path data = "var";
  /// postgres://user@host:port/database; empty: the embedded store in the data folder. A password
  /// comes from PGPASSWORD or a password file.
  std::string store;
  bool is_embedded() const { return store.empty(); }
};

struct OpenedStores {
  std::unique_ptr<TenantDirectory> directory;
  std::string words;  ///< what it is: "embedded", "PostgreSQL 15.18, TimescaleDB 2.19.3 (apache)"
};

/// Opens all tenants. `holder` is how other processes reach this one. Errors: kInvalidArgument for
/// an address that is not understood, kUnavailable, kFailedPrecondition where another process has
/// the data folder.
Result<OpenedStores> open_stores(const StorePlace& place, const std::string& holder);

/// The watermark logs, in the data folder wherever the tenants lie.
OpenWatermarkLog watermark_logs_in(const std::filesystem::path& data);

// Beside a running server:
/// Errors: kAlreadyExists.
Result<> create_tenant(const StorePlace& place, const TenantId& tenant);
/// Errors: kNotFound.
Result<> require_tenant(const StorePlace& place, const TenantId& tenant);
Result<std::vector<TenantId>> list_tenants(const StorePlace& place);

/// One tenant beside a running server: its catalog, and what could be removed from its samples.
class TenantBeside {
 public:
  virtual ~TenantBeside() = default;
  virtual TenantCatalog& catalog() = 0;
  /// As SampleStore::expirable().
  virtual Result<Expirable> expirable(std::span<const Expiry> expiries) = 0;
};
/// Errors: kNotFound; as open_stores().
Result<std::unique_ptr<TenantBeside>> open_beside(const StorePlace& place, const TenantId& tenant);

}  // namespace millwright
