#pragma once
/// Writes samples as chunks into chunks.db, inside the caller's transaction.
///
/// Threads: one at a time, that of the Connection.

#include <map>

#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/pieces.h"
#include "storage/sqlite/series_heads.h"

namespace millwright {

/// Below this a chunk waits to be joined with its neighbours.
inline constexpr std::size_t kLooseSamples = kChunkSamples / 2;
/// A chunk never spans a longer silence: the longest chunk bounds what a query looks at.
inline constexpr std::uint64_t kMaxSilenceUs = 7ULL * 86'400 * 1'000'000;

/// What waits to be joined, as the column `loose` has it.
enum class Loose : std::int64_t { kNot = 0, kSmall = 1, kLate = 2 };
/// Loose chunks of a series.
struct LooseChunks {
  std::size_t count = 0;
  bool any_late = false;
};

class ChunkWriter {
 public:
  /// The connection must outlive the writer.
  explicit ChunkWriter(Connection& chunks) : chunks_(chunks) {}

  /// Goes on counting versions after the highest one stored.
  Result<> load();

  /// Encodes ascending samples of a series, cut into chunks. They are written by flush(). `late`
  /// samples may overlap chunks and count over them; their chunks are loose whatever their size.
  void stage(SeriesId series, const SampleColumns& samples, bool late);
  /// Writes what was staged. Answers the loose chunks that each series got.
  Result<std::map<SeriesId, LooseChunks>> flush();
  /// After a rollback.
  void discard();

  Result<> remove(SeriesId series, const Piece& chunk);
  Result<> remove_all(SeriesId series);

  /// What start-up needs to know of a series: its newest sealed sample, and how far the log is in
  /// chunks. A newest that does not exist, or is a waveform's, is stored as none.
  Result<> store_series(SeriesId series, const Newest& newest, std::uint64_t through_log);

 private:
  struct Staged {
    SeriesId series{};
    std::int64_t first_us = 0;
    std::int64_t last_us = 0;
    Bucket stats;
    Loose loose = Loose::kNot;
    Bytes bytes;
  };
  void stage_chunk(SeriesId series, std::span<const std::int64_t> at_us,
                   std::span<const double> value, bool late);
  Result<> insert(const Staged& chunk);

  Connection& chunks_;
  std::uint64_t version_ = 0;
  ChunkEncoder encoder_;
  std::vector<Staged> staged_;
  std::vector<Staged> staged_late_;  // written after the others: their versions are higher
};

}  // namespace millwright
