#pragma once
/// Joins small and late chunks of a series into full ones, a bounded piece at a time, without
/// changing what a reader sees.
///
/// A join takes some loose chunks and every chunk that reaches into their span, so that nothing
/// else overlaps what it writes. Threads: the one writer, inside its transaction.

#include <limits>
#include <unordered_map>

#include "storage/sqlite/piece_writer.h"

namespace millwright {

class ChunkJoiner {
 public:
  /// Both must outlive the joiner.
  ChunkJoiner(Connection& connection, PieceWriter& writer)
      : connection_(connection), writer_(writer) {}

  /// Counts the loose chunks that are stored.
  Result<> load();
  /// To be told of every new loose chunk, and of every series that is removed.
  void added(SeriesId series, std::size_t loose) { states_[series].loose += loose; }
  void removed(SeriesId series) { states_.erase(series); }

  /// Joins for some series. Answers whether there is more to do.
  Result<bool> step();

 private:
  struct State {
    std::size_t loose = 0;
    std::size_t join_at = kJoinAt;
    std::int64_t cursor_us = kFromStart;  // where the next join looks for loose chunks
  };
  static constexpr std::size_t kJoinAt = 32;
  static constexpr std::int64_t kFromStart = std::numeric_limits<std::int64_t>::min();

  static bool is_due(const State& state) { return state.loose >= state.join_at; }
  /// Answers the number of samples it went through.
  Result<std::size_t> join(SeriesId series, State& state);
  Result<std::vector<Piece>> chunks_to_join(SeriesId series, State& state);

  Connection& connection_;
  PieceWriter& writer_;
  std::unordered_map<SeriesId, State> states_;
};

}  // namespace millwright
