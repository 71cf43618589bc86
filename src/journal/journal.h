#pragma once
/// The edge's durable queue: records go in, get a sequence number, and stay until acknowledged, and
/// for some while after that: the replay guard, for a hub whose database is restored from a backup.
///
/// A journal is a chain of epochs. An epoch is a lineage with a random identity in which records
/// are numbered 1, 2, 3 ... without a break; what was lost keeps its numbers and becomes a Hole.
/// The last epoch is the current one and takes the new records; older ones wait to be moved, or lie
/// under the replay guard.
///
/// Order: append() is durable when it answers, and only then read() yields the records. A record is
/// never changed, never renumbered.
/// Replay guard: acknowledged records are removed when they are older than 48 h, or when the
/// acknowledged ones together exceed a quarter of the budget.
/// Full: when the budget is exceeded the oldest segment goes, delivered or not; read() then answers
/// a Hole with the reason journal_full.
/// Crash: everything that append() has answered is there again, except what the medium damaged; a
/// damaged record is never yielded, it is a Hole. acknowledge() may be forgotten by a crash.
/// Errors: kResourceExhausted when the medium is full (nothing was written, try again later),
/// kDataLoss when a sync failed: from then on every append() fails and the process must end, since
/// nobody knows what is on the medium. kInternal for other failures of the medium.
/// Threads: one at a time.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright::journal {

using EpochId = std::array<std::uint8_t, 16>;
inline constexpr EpochId kNoEpoch{};

/// 16 random bytes from the operating system.
EpochId random_epoch();

/// Why records are missing. The numbers are those of the segment header.
enum class HoleReason : std::uint32_t {
  kNone = 0,
  kJournalFull = 1,   ///< dropped to stay within the budget
  kTrimmed = 2,       ///< was acknowledged once, then removed
  kDamaged = 3,       ///< the medium returned other bytes than were written
  kHubLostEpoch = 4,  ///< acknowledged by a hub that does not know the epoch any more
};
/// As the wire says it: "journal_full", "trimmed_before_restore", "journal_damaged",
/// "hub_lost_epoch".
std::string_view to_string(HoleReason reason);

struct EpochInfo {
  EpochId epoch{};
  EpochId previous{};           ///< the epoch that this one continues; kNoEpoch for a new lineage
  std::uint64_t first_seq = 1;  ///< oldest record still held; next_seq when none is
  std::uint64_t next_seq = 1;   ///< number that the next record will get
  std::uint64_t acknowledged = 0;  ///< highest number acknowledged, or moved to a later epoch
  /// Highest number that a hub has taken under this epoch itself; what follows was moved.
  std::uint64_t delivered = 0;
  bool is_done() const { return acknowledged + 1 >= next_seq; }
};

/// How long acknowledged records stay.
struct ReplayGuard {
  std::chrono::hours keep{48};
  double share_of_budget = 0.25;
};
inline constexpr ReplayGuard kNoReplayGuard{std::chrono::hours(0), 0};

/// Records from..to of an epoch that will never be read.
struct Hole {
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  HoleReason reason = HoleReason::kNone;
  std::uint64_t chain_end = 0;  ///< chain hash at to_seq
  EpochId about{};              ///< the epoch whose records were lost, when it is another one
};

/// Either records (in order, without a break) or a hole, or neither at the end of the epoch.
struct Span {
  std::uint64_t first_seq = 0;
  std::vector<std::string> records;
  std::uint64_t chain_end = 0;  ///< chain hash after the last record
  std::optional<Hole> hole;
};

struct Usage {
  std::uint64_t used_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< of the budget
};

/// Records that every segment begins with, so that it can be read alone.
using Preamble = std::function<std::vector<std::string>()>;

class Journal {
 public:
  virtual ~Journal() = default;

  /// Appends all or nothing, one sync for all. Each record has 1 byte to 4 MiB.
  virtual Result<> append(std::span<const std::string> records) = 0;

  /// Asked at the start of each new segment; its records get numbers of their own.
  virtual void set_preamble(Preamble preamble) = 0;

  /// Oldest first; the last one is current. Never empty.
  virtual std::vector<EpochInfo> epochs() const = 0;
  EpochInfo current() const { return epochs().back(); }

  /// What stands at `from_seq`: at most `max_bytes` of records (but at least one), or the hole that
  /// covers it. Errors: kNotFound for an epoch that is not held.
  virtual Result<Span> read(const EpochId& epoch, std::uint64_t from_seq,
                            std::size_t max_bytes) = 0;

  /// The chain hash after `seq`, while it can be known: from first_seq - 1 on, outside of holes.
  virtual std::optional<std::uint64_t> chain_at(const EpochId& epoch, std::uint64_t seq) = 0;

  /// First number of the segment that holds `seq`: a preamble begins there.
  virtual std::uint64_t segment_start(const EpochId& epoch, std::uint64_t seq) const = 0;

  /// Records up to `seq` are delivered; a lower number than before changes nothing. Whole segments
  /// below it are removed once the replay guard lets them go. The number itself is made durable
  /// before a segment is removed, otherwise when it is convenient.
  virtual Result<> acknowledge(const EpochId& epoch, std::uint64_t seq) = 0;

  /// Starts an epoch that continues the current one, leaving out `lost` numbers at its start. In
  /// the old epoch what is below `undelivered_from` counts as acknowledged, the rest as not; what
  /// is below it and not among the lost counts as delivered. Durable.
  virtual Result<> start_epoch(std::uint64_t lost, HoleReason reason,
                               std::uint64_t undelivered_from) = 0;

  /// Leaves out `count` numbers of the current epoch and begins a new segment. Durable.
  virtual Result<> skip(std::uint64_t count, HoleReason reason) = 0;

  /// Makes acknowledgements durable; called on a clean stop and now and then.
  virtual Result<> flush_acknowledged() = 0;

  virtual Usage usage() const = 0;
};

}  // namespace millwright::journal
