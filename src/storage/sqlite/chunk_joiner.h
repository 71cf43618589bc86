#pragma once
/// Joins small and late chunks of a series into full ones, a bounded piece at a time, without
/// changing what a reader sees.
///
/// A join takes some loose chunks and every chunk that reaches into their span, so that nothing
/// else overlaps what it writes. Threads: one at a time, inside the caller's transaction.

#include <limits>
#include <unordered_map>

#include "storage/sqlite/chunk_writer.h"

namespace millwright {

class ChunkJoiner {
 public:
  /// Both must outlive the joiner.
  ChunkJoiner(Connection& chunks, ChunkWriter& writer) : chunks_(chunks), writer_(writer) {}

  /// Counts the loose chunks that are stored.
  Result<> load();
  /// To be told of every new loose chunk, and of every series that is removed.
  void added(SeriesId series, LooseChunks loose);
  void removed(SeriesId series) { states_.erase(series); }

  /// Whether step() has something to do.
  bool has_work() const;
  /// Joins for some series, or for all that have loose chunks at all.
  Result<> step();
  /// From now on a series is due as soon as it has two loose chunks or a late one; for a tenant
  /// that falls idle.
  void join_all();

 private:
  struct State {
    LooseChunks loose;
    std::size_t join_at = kJoinAt;
    std::int64_t cursor_us = kFromStart;  // where the next join looks for loose chunks
  };
  static constexpr std::size_t kJoinAt = 32;
  static constexpr std::int64_t kFromStart = std::numeric_limits<std::int64_t>::min();

  static bool is_due(const State& state) { return state.loose.count >= state.join_at; }
  /// Stages the join of some chunks. Answers the number of samples that it went through.
  Result<std::size_t> join(SeriesId series, State& state);
  Result<> count_again(SeriesId series, State& state);
  Result<std::vector<Piece>> chunks_to_join(SeriesId series, State& state);

  Connection& chunks_;
  ChunkWriter& writer_;
  std::unordered_map<SeriesId, State> states_;
};

}  // namespace millwright
