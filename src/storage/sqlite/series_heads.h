#pragma once
/// What is kept in memory of every series: its newest sample, and what lies in no chunk yet.
///
/// Readers copy what they need under a shared lock; the writer publishes a whole commit under the
/// exclusive one, so that a reader sees all of a commit or nothing. Costs about 150 bytes a series,
/// and for each up to 320 samples as they came and the rest compressed.
/// Threads: as each part says.

#include <shared_mutex>
#include <unordered_map>

#include "storage/sample_store.h"
#include "storage/sqlite/unsealed.h"

namespace millwright {

/// A series is sealed into a chunk when that many samples wait; also the most that a chunk holds
/// where samples come one by one.
inline constexpr std::size_t kChunkSamples = 2'048;

/// Newest sample of a series; `exists` is false where all samples were removed.
struct Newest {
  std::int64_t at_us = 0;
  double value = 0;
  double sample_rate_hz = 0;  ///< > 0 where it is a waveform's
  bool exists = false;
};

/// Unsealed samples of a series as of a commit.
struct Harvest {
  SeriesId series{};
  Newest newest;
  Unsealed samples;
  std::uint64_t through_log = 0;  ///< of the log, everything up to here is in `samples` or a chunk
};

/// What a reader takes of a series before it looks at the chunks.
struct HeadView {
  SeriesId series{};
  Unsealed unsealed;
  bool has_waveforms = false;
};

class SeriesHeads {
 public:
  // Readers -------------------------------------------------------------------------------------
  /// In the order asked. About 10 ns a series.
  std::vector<std::optional<SampleStore::Latest>> latest(std::span<const SeriesId> series) const;
  /// With the unsealed samples that may reach into the range. To be taken before the snapshot of
  /// the chunks: what is sealed in between is then seen twice, and never missed.
  HeadView view(SeriesId series, TimeRange range) const;

  // The writer ----------------------------------------------------------------------------------
  /// Held while a commit is published.
  [[nodiscard]] std::unique_lock<std::shared_mutex> lock() { return std::unique_lock(mutex_); }
  /// With the lock: the samples of log record `log_id`. About 40 ns a sample.
  void apply(std::uint64_t log_id, const SampleBatch& batch);
  /// With the lock: the newest sample of the series' waveforms, which may have been removed.
  void set_waveform(SeriesId series, const Newest& last);
  /// With the lock: sets the newest sample, also back or away.
  void set_newest(SeriesId series, const Newest& newest) { head(series).newest = newest; }
  /// With the lock: forgets everything of the series up to here. Later samples may come.
  void remove(SeriesId series, std::uint64_t through_log);

  // Start-up ------------------------------------------------------------------------------------
  /// Records of the log up to `through_log` are in chunks already.
  void restore(SeriesId series, const Newest& newest, std::uint64_t through_log);

  // Sealing: one thread at a time ----------------------------------------------------------------
  /// Series with blocks to compress; each is answered once.
  std::vector<SeriesId> take_full();
  /// Series with enough samples for a chunk, ascending; each is answered once.
  std::vector<SeriesId> take_due();
  bool has_work() const;
  /// Those that hold samples of the log up to here, ascending.
  std::vector<SeriesId> unsealed_since(std::uint64_t log_id) const;
  /// The first kBlockSamples of `recent`; empty when there are fewer.
  std::vector<Sample> full_block(SeriesId series) const;
  /// Puts the block in the place of the samples that full_block() answered.
  void compressed(SeriesId series, Unsealed::Block block);
  Harvest harvest(SeriesId series) const;
  /// The harvest lies in chunks now.
  void sealed(const Harvest& harvest);
  /// The oldest record of the log that holds an unsealed sample; missing when none does.
  std::optional<std::uint64_t> oldest_log() const;
  /// What the unsealed samples take in memory.
  std::uint64_t unsealed_bytes() const;

 private:
  struct Head {
    Newest newest;
    Unsealed unsealed;
    std::size_t count = 0;          // of unsealed
    std::size_t seal_at = 0;        // count at which the series is due
    std::uint64_t first_log = 0;    // of the oldest unsealed sample
    std::uint64_t through_log = 0;  // sealed or removed up to here
    SeriesId series{};
    bool has_waveforms = false;
  };
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr std::int64_t kDense = 1 << 22;

  const Head* find(SeriesId series) const;
  Head& head(SeriesId series);
  void add(Head& head, std::uint64_t log_id, Sample sample);

  mutable std::shared_mutex mutex_;  // guards everything below
  std::vector<Head> heads_;
  std::vector<std::uint32_t> dense_;                 // place of series 0, 1, 2 …
  std::unordered_map<SeriesId, std::uint32_t> odd_;  // place of series beyond kDense
  std::vector<SeriesId> full_;
  std::vector<SeriesId> due_;
  std::uint64_t applied_log_ = 0;
  std::uint64_t unsealed_bytes_ = 0;
};

}  // namespace millwright
