#pragma once
/// The newest sample of each series, in memory, in step with what is committed.
///
/// The writer changes pending copies, stores them in its transaction and publishes them after the
/// commit, all at once. Threads: find() from any; the rest from the one writer.

#include <shared_mutex>
#include <unordered_map>

#include "storage/sqlite/pieces.h"

namespace millwright {

class Heads {
 public:
  /// Reads what is stored. Costs about 1 us a series.
  Result<> load(Connection& connection);

  /// As committed; in the order asked.
  std::vector<std::optional<Head>> find(std::span<const SeriesId> series) const;

  /// As the writer's open transaction sees it; missing for a series without samples.
  std::optional<Head> pending(SeriesId series) const;
  void change(SeriesId series, const Head& head) { pending_.insert_or_assign(series, head); }
  void remove(SeriesId series) { pending_.insert_or_assign(series, std::nullopt); }
  /// Writes the changes, inside the transaction.
  Result<> store(Connection& connection);
  /// After the commit.
  void publish();
  /// After a rollback.
  void discard() { pending_.clear(); }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<SeriesId, Head> committed_;  // guarded by mutex_; only the writer changes it
  std::unordered_map<SeriesId, std::optional<Head>> pending_;  // the writer's own
};

}  // namespace millwright
