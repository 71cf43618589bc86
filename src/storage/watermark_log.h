#pragma once
/// How far each epoch of a tenant has ever come, kept outside of the tenant's database.
///
/// A database that was restored from a backup cannot know what it has lost; this log does. Without
/// it records that were acknowledged between the backup and the restore, and that no agent holds
/// any more, would be missing in silence (docs/ingest-protocol.md, "After a restore").
///
/// Notes are not synced one by one: a power cut may lose the last half minute of them, which
/// matters only where a restore follows. Losing the log costs nothing until then.
/// Threads: the tenant's writer only. Errors: kUnavailable when the medium fails.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "storage/sample_store.h"

namespace millwright {

struct ReachedEpoch {
  StreamKey stream;
  EpochId epoch{};                     ///< as stored
  std::uint64_t watermark = 0;         ///< the highest ever
  std::uint64_t settled_through = 0;   ///< what was missing up to here is declared as a gap
  std::optional<Timestamp> missed_at;  ///< since when the database is known to lack some of it
};

class WatermarkLog {
 public:
  virtual ~WatermarkLog() = default;
  virtual std::vector<ReachedEpoch> epochs() const = 0;
  struct Reached {
    StreamKey stream;
    EpochId epoch{};
    std::uint64_t watermark = 0;
  };
  /// What has been committed. A lower watermark than before changes nothing.
  virtual Result<> note(std::span<const Reached> reached) = 0;
  /// The database lacks records of this epoch; missing: it has them again.
  virtual Result<> note_missed(const EpochId& epoch, std::optional<Timestamp> at) = 0;
  /// What the database lacks of this epoch up to `through` is declared as a gap.
  virtual Result<> note_settled(const EpochId& epoch, std::uint64_t through) = 0;
};

/// Opens a tenant's log; an empty one where there is none.
using OpenWatermarkLog = std::function<Result<std::unique_ptr<WatermarkLog>>(const TenantId&)>;

}  // namespace millwright
