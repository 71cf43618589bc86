#pragma once
/// The embedded store as this benchmark drives it: through its port, in process.
///
/// A batch is one minute of all series, 10,000 samples, from a producer that numbers its records.
/// Batches overlap in flight and share a commit, as a hub's do: append() gets up to 16 at once, and
/// each is acknowledged when it is durable. Housekeeping runs on the directory's own thread.

#include <memory>

#include "load_file.h"
#include "queries.h"
#include "storage/sqlite/sqlite_tenant_directory.h"

namespace millwright::bench {

constexpr int kBatchesInFlight = 16;

/// A tenant's store in a data folder of its own, made where it is missing.
class OwnStore {
 public:
  explicit OwnStore(const std::filesystem::path& data);
  SampleStore& samples() { return store_->samples(); }
  TenantCatalog& catalog() { return store_->catalog(); }
  TenantDirectory& directory() { return *directory_; }
  std::filesystem::path folder() const { return folder_; }

 private:
  std::unique_ptr<SqliteTenantDirectory> directory_;
  std::shared_ptr<TenantStore> store_;
  std::filesystem::path folder_;
};

/// Hands minutes of the load to the store, in order.
class Writer {
 public:
  Writer(SampleStore& store, const LoadFile& load);

  /// Reads `count` minutes (at most kBatchesInFlight) and returns when they are durable.
  void append(int count);
  std::int64_t next_minute() const { return next_minute_; }

 private:
  SampleStore& store_;
  const LoadFile& load_;
  std::vector<Append> batches_;
  std::int64_t next_minute_ = 0;
};

/// Asks and times the call of the port; the answer is summed up after the clock has stopped.
struct Timed {
  Answer answer;
  double ms = 0;
};
Timed ask(SampleStore& store, const Query& query);

}  // namespace millwright::bench
