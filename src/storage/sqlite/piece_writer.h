#pragma once
/// Writes samples as chunks and waveforms as blocks, inside the writer's transaction.
///
/// Threads: the one writer.

#include "storage/sample_store.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/heads.h"

namespace millwright {

/// What a chunk is cut to, and below what it waits to be joined with its neighbours.
inline constexpr std::size_t kChunkSamples = 1'024;
inline constexpr std::size_t kLooseSamples = kChunkSamples / 2;
/// A chunk never spans a longer silence: the longest chunk bounds what a query looks at.
inline constexpr std::uint64_t kMaxSilenceUs = 7ULL * 86'400 * 1'000'000;

class PieceWriter {
 public:
  /// Both must outlive the writer.
  PieceWriter(Connection& connection, Heads& heads) : connection_(connection), heads_(heads) {}

  /// Goes on counting versions after the highest one stored.
  Result<> load();
  /// A number that is higher than all before.
  std::uint64_t next_version() { return ++version_; }

  /// Stores new samples, in any order; of equal timestamps the later one. Answers how many loose
  /// chunks that made.
  Result<std::size_t> write(SeriesId series, const SampleColumns& samples);
  /// Stores a new block; one of the same start is replaced.
  Result<> write(SeriesId series, const Waveform& block);
  /// Puts joined samples in the place of the chunks they come from; these are all that reach into
  /// the span of the samples. Answers the number of loose chunks.
  Result<std::size_t> replace(SeriesId series, std::span<const Piece> chunks,
                              const SampleColumns& joined);
  Result<> remove(SeriesId series);

 private:
  Result<std::size_t> write_ascending(SeriesId series, std::span<const std::int64_t> at_us,
                                      std::span<const double> value, bool late, Head& head);
  Result<bool> write_chunk(SeriesId series, std::span<const std::int64_t> at_us,
                           std::span<const double> value, bool late);
  Result<> remove_waveform(SeriesId series, std::int64_t start_us, std::uint64_t version);
  Result<> find_head_again(SeriesId series);

  Connection& connection_;
  Heads& heads_;
  std::uint64_t version_ = 0;
  ChunkEncoder encoder_;
  SampleColumns sorted_;
  std::vector<std::uint32_t> order_;
};

}  // namespace millwright
