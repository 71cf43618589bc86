#pragma once
/// The large half of one tenant's store: samples, waveforms, and how far each producer has come.
///
/// Exactly once: a producer numbers its records inside an epoch. append() stores samples and the
/// epoch's watermark W in one transaction, so a record is stored exactly when W has reached it.
/// One (series, timestamp) holds one value: the last commit wins.
///
/// Threads: append() and the other writers are called by the tenant's one writer; readers may call
/// from any thread at any time and see each commit wholly or not at all.
/// Durable: what append() has answered survives a crash of process and machine.
/// Errors: kInternal or kUnavailable with the technical reason in `detail` when the medium fails,
/// kDataLoss naming series and range where stored samples cannot be read any more.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright {

/// Random identity of a journal lineage.
using EpochId = std::array<std::uint8_t, 16>;

enum class StreamClass { kAlarm = 1, kTelemetry = 2, kBulk = 3 };

/// A producer: one edge agent's stream of one class.
struct StreamKey {
  DeviceId agent;
  StreamClass stream_class = StreamClass::kTelemetry;
  friend auto operator<=>(const StreamKey&, const StreamKey&) = default;
};

struct LedgerEntry {
  std::uint64_t base_seq = 0;
  std::uint64_t end_seq = 0;
  std::uint64_t chain = 0;  ///< hash after end_seq
};

/// What the store knows of an epoch.
struct EpochState {
  std::uint64_t watermark = 0;  ///< W: all records up to here are stored or declared as gap
  std::uint64_t chain = 0;      ///< chain hash at W
  std::uint64_t moved_through =
      0;  ///< records of this epoch up to here came again under a later one
  bool forked = false;
  std::vector<LedgerEntry> ledger;  ///< newest 64, oldest of them first
};

/// A span of records that will never come. to_seq 0 means: how many is not known.
struct DeclaredGap {
  StreamKey stream;
  EpochId epoch{};
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::uint64_t sample_count = 0;  ///< 0 when unknown
  std::string reason;
  Timestamp declared_at{};
};

/// The next `count` samples of a batch are of this series.
struct SeriesRun {
  SeriesId series{};
  std::uint32_t count = 0;
};

/// Samples of many series as two columns, run after run. A series may come in several runs and its
/// samples in any order; of equal timestamps the later one counts.
struct SampleBatch {
  std::vector<SeriesRun> runs;
  SampleColumns columns;

  std::size_t size() const { return columns.size(); }
  bool empty() const { return columns.empty(); }
  void append(SeriesId series, std::int64_t at_us, double value) {
    if (runs.empty() || runs.back().series != series) runs.push_back({series, 0});
    ++runs.back().count;
    columns.append(at_us, value);
  }
  void append(SeriesId series, std::span<const std::int64_t> at_us, std::span<const double> value) {
    if (at_us.empty()) return;
    if (runs.empty() || runs.back().series != series) runs.push_back({series, 0});
    runs.back().count += static_cast<std::uint32_t>(at_us.size());
    columns.timestamp_us.insert(columns.timestamp_us.end(), at_us.begin(), at_us.end());
    columns.value.insert(columns.value.end(), value.begin(), value.end());
  }
  void append(SeriesId series, const SampleColumns& samples) {
    append(series, samples.timestamp_us, samples.value);
  }
  /// Calls `visit(series, timestamps, values)` for each run. The runs must add up to the columns.
  template <typename Visit>
  void each_run(Visit visit) const {
    std::size_t begin = 0;
    for (const SeriesRun& run : runs) {
      visit(run.series, std::span(columns.timestamp_us).subspan(begin, run.count),
            std::span(columns.value).subspan(begin, run.count));
      begin += run.count;
    }
  }
};

struct SeriesWaveform {
  SeriesId series{};
  Waveform block;
};

struct DictionaryMapping {
  std::uint32_t reference = 0;
  SeriesId series{};
};

/// What could not be taken but must not be lost: kept, counted, looked at by a person.
struct QuarantinedItem {
  std::uint64_t seq = 0;
  std::string reason;  ///< unreadable, in_future
  std::string bytes;   ///< the record, or the sample as text
};

/// Moves an epoch's watermark from base_seq - 1 to end_seq.
struct EpochAdvance {
  StreamKey stream;
  EpochId epoch{};
  std::uint64_t session_token = 0;  ///< of open_session(); an older session is fenced
  std::uint64_t base_seq = 0;
  std::uint64_t end_seq = 0;
  std::uint64_t chain = 0;  ///< hash after end_seq
  std::uint64_t sample_count = 0;
  Timestamp arrived_at{};
  /// Refusals of samples in these records, encoded by the caller; answered by refusals().
  std::string refusals;
};

struct MovedMark {
  EpochId original{};
  std::uint64_t through = 0;
};

/// What one batch brings; all of it is stored or nothing.
struct Append {
  SampleBatch samples;
  std::vector<SeriesWaveform> waveforms;
  std::vector<DictionaryMapping> dictionary;  ///< of advance->epoch; a reference may be redefined
  std::vector<QuarantinedItem> quarantine;
  std::vector<MovedMark> moved;
  std::optional<DeclaredGap> gap;
  /// Missing for producers that do not number their records.
  std::optional<EpochAdvance> advance;
};

/// Samples of this series before that instant have been kept long enough.
struct Expiry {
  SeriesId series{};
  std::int64_t before_us = 0;
};

/// What expire() would remove.
struct Expirable {
  std::uint64_t samples = 0;  ///< as stored: a corrected one may count twice
  std::uint64_t bytes = 0;    ///< that they take on disk, about; more than 0 where samples are
  std::int64_t first_us = 0;  ///< of the earliest sample; 0 where there is none
  std::int64_t last_us = 0;   ///< of the latest
};

/// Whether the medium failed, and not what it was asked.
inline bool is_failure_of_medium(const Error& error) {
  return error.code == ErrorCode::kInternal || error.code == ErrorCode::kUnavailable;
}

class SampleStore {
 public:
  virtual ~SampleStore() = default;

  // Producers -----------------------------------------------------------------------------------
  /// Makes `session_token` the only one that may advance this stream.
  virtual Result<> open_session(const StreamKey& stream, std::uint64_t session_token) = 0;
  /// Missing when the epoch is not known.
  virtual Result<std::optional<EpochState>> epoch(const EpochId& epoch) = 0;
  /// The epoch of this stream that advanced last. Missing when the stream is new.
  virtual Result<std::optional<EpochId>> newest_epoch(const StreamKey& stream) = 0;
  virtual Result<std::vector<DictionaryMapping>> dictionary(const EpochId& epoch) = 0;
  /// The encoded refusals of ledger rows that overlap the records from..to, in order, without empty
  /// ones.
  virtual Result<std::vector<std::string>> refusals(const EpochId& epoch, std::uint64_t from_seq,
                                                    std::uint64_t to_seq) = 0;
  /// Errors: kNotFound.
  virtual Result<> mark_forked(const EpochId& epoch) = 0;
  /// All declared gaps, oldest first.
  virtual Result<std::vector<DeclaredGap>> gaps() = 0;
  virtual Result<std::uint64_t> quarantined_count() = 0;

  // Writing -------------------------------------------------------------------------------------
  /// Stores each append in turn, all in one transaction, one durable commit. The answer has one
  /// result for each: an append whose advance does not fit is refused alone (kAborted: the session
  /// is fenced; kOutOfRange: base_seq is not W + 1, where W is 0 for an unknown epoch;
  /// kFailedPrecondition: the epoch is another stream's; kInvalidArgument: see check_append() in
  /// sample_rules.h) and leaves no trace; when the commit itself fails all carry that error and
  /// nothing is stored.
  virtual std::vector<Result<>> append(std::span<const Append> appends) = 0;
  /// Forgets the sessions, epochs, ledgers and dictionaries of this agent; its samples and declared
  /// gaps stay. Registered again under the same identifier it is a new producer.
  virtual Result<> remove_agent(const DeviceId& agent) = 0;
  /// Removes all samples and waveforms of these series.
  virtual Result<> remove_series(std::span<const SeriesId> series) = 0;
  /// Removes old samples in a bounded step and answers whether there is more to remove: call it
  /// again with the same expiries until there is not. Of each series only a beginning goes: all
  /// samples before some instant that is not later than `before_us`. What a store keeps in pieces
  /// (chunks, waveform blocks, partitions) goes in whole ones, so samples beside younger ones may
  /// stay a week longer; but a series without a sample at or after `before_us` ends
  /// empty. A removed sample never uncovers an older value of its timestamp.
  virtual Result<bool> expire(std::span<const Expiry> expiries) = 0;
  /// Does a bounded piece of housekeeping (joining small chunks). Answers whether there is more to
  /// do. Called when the writer is idle.
  virtual Result<bool> maintain() = 0;
  /// Brings everything into its final form, also what maintain() leaves for more samples to come;
  /// takes as long as it takes. For a tenant that falls idle, before a backup, after an import.
  virtual Result<> settle() = 0;

  // Reading -------------------------------------------------------------------------------------
  /// Samples of a numeric series, ascending. Waveform series are expanded to samples.
  /// Errors: kResourceExhausted where the range holds more than `limit` samples.
  virtual Result<SampleColumns> read(SeriesId series, TimeRange range, std::size_t limit) = 0;
  /// Blocks that start in the range, ascending; the newest `limit` of them.
  virtual Result<std::vector<Waveform>> waveforms(SeriesId series, TimeRange range,
                                                  std::size_t limit) = 0;
  struct Latest {
    std::int64_t timestamp_us = 0;
    double value = 0;
    double sample_rate_hz = 0;  ///< > 0 for waveforms
  };
  /// Newest sample of each series, in the order asked; missing where a series has none.
  virtual Result<std::vector<std::optional<Latest>>> latest(std::span<const SeriesId> series) = 0;
  /// Buckets [boundaries[i], boundaries[i + 1]) of each series; boundaries ascend strictly. Decodes
  /// only chunks that a boundary cuts. Answers boundaries.size() - 1 buckets of the first series,
  /// then those of the next.
  virtual Result<std::vector<Bucket>> aggregate(std::span<const SeriesId> series,
                                                std::span<const std::int64_t> boundaries_us) = 0;
  Result<std::vector<Bucket>> aggregate(SeriesId series,
                                        std::span<const std::int64_t> boundaries_us) {
    return aggregate(std::span(&series, 1), boundaries_us);
  }
  /// Number of samples in the range whose value is greater than `threshold`, over all these series
  /// (waveforms count each of theirs).
  virtual Result<std::uint64_t> count_above(std::span<const SeriesId> series, TimeRange range,
                                            double threshold) = 0;
  /// Number of samples (waveforms count each of theirs) in the range.
  virtual Result<std::uint64_t> count(SeriesId series, TimeRange range) = 0;
  /// What calls of expire() with these expiries would remove by now, all together.
  virtual Result<Expirable> expirable(std::span<const Expiry> expiries) = 0;
};

}  // namespace millwright
