#include "storage/sqlite/chunk_joiner.h"

#include <algorithm>

#include "base/log.h"

namespace millwright {
namespace {

constexpr std::size_t kSamplesAStep = 65'536;  // about 10 ms of work
constexpr std::size_t kSamplesAJoin = 1'000'000;
constexpr int kLooseAJoin = 256;

}  // namespace

Result<> ChunkJoiner::load() {
  MW_ASSIGN(Rows rows, chunks_.query("SELECT series, count(*), max(loose) FROM chunks "
                                     "WHERE loose > 0 GROUP BY series"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    added(SeriesId{rows->integer(0)},
          {static_cast<std::size_t>(rows->integer(1)), Loose{rows->integer(2)} == Loose::kLate});
  }
}

bool ChunkJoiner::has_work() const {
  return std::any_of(states_.begin(), states_.end(),
                     [](const auto& entry) { return is_due(entry.second); });
}

void ChunkJoiner::added(SeriesId series, LooseChunks loose) {
  LooseChunks& of_series = states_[series].loose;
  of_series.count += loose.count;
  of_series.any_late = of_series.any_late || loose.any_late;
}

void ChunkJoiner::join_all() {
  for (auto& [series, state] : states_) {
    state.join_at = std::min<std::size_t>(state.join_at, state.loose.any_late ? 1 : 2);
  }
}

Result<> ChunkJoiner::step() {
  std::size_t samples = 0;
  std::vector<SeriesId> touched;
  for (auto& [series, state] : states_) {
    if (!is_due(state)) continue;
    if (samples >= kSamplesAStep) break;
    MW_ASSIGN(const std::size_t joined, join(series, state));
    samples += joined;
    touched.push_back(series);
  }
  MW_TRY(writer_.flush());
  for (const SeriesId series : touched) MW_TRY(count_again(series, states_.at(series)));
  return {};
}

Result<std::vector<Piece>> ChunkJoiner::chunks_to_join(SeriesId series, State& state) {
  std::vector<Piece> chunks;
  // The span of the loose chunks, first to last sample.
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_us = kFromStart;
  int found = 0;
  {
    MW_ASSIGN(Rows rows,
              chunks_.query("SELECT first_us, last_us FROM chunks WHERE series = ? "
                            "AND loose > 0 AND first_us >= ? "
                            "ORDER BY first_us LIMIT ?",
                            static_cast<std::int64_t>(series), state.cursor_us, kLooseAJoin));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) break;
      first_us = std::min(first_us, rows->integer(0));
      last_us = std::max(last_us, rows->integer(1));
      state.cursor_us = rows->integer(0);
      ++found;
    }
  }
  if (found < kLooseAJoin) state.cursor_us = kFromStart;
  if (found == 0) return chunks;
  // Everything that reaches into the span, until nothing else does.
  for (std::size_t before = 0;; before = chunks.size()) {
    chunks.clear();
    const std::int64_t end_us =
        last_us == std::numeric_limits<std::int64_t>::max() ? last_us : last_us + 1;
    MW_TRY(find_chunks(chunks_, series, {first_us, end_us}, chunks));
    if (chunks.size() == before) return chunks;
    for (const Piece& chunk : chunks) {
      first_us = std::min(first_us, chunk.first_us);
      last_us = std::max(last_us, chunk.last_us);
    }
  }
}

Result<std::size_t> ChunkJoiner::join(SeriesId series, State& state) {
  MW_ASSIGN(const std::vector<Piece> chunks, chunks_to_join(series, state));
  std::size_t samples = 0;
  for (const Piece& chunk : chunks) samples += chunk.stats.count;
  // A series of which too much overlaps stays as it is: correct, and slower to read.
  if (chunks.empty() || samples > kSamplesAJoin) return std::max<std::size_t>(samples, 1);
  Merge merge;
  SampleColumns columns;
  for (const Piece& chunk : chunks) {
    if (auto loaded = load_chunk(chunks_, series, chunk, kAllTime, columns); !loaded) {
      if (loaded.error().code != ErrorCode::kDataLoss) return loaded.error();
      // Damage is left where it is, for a reader to be told of; other series go on.
      log::error("chunks cannot be joined", {{"reason", loaded.error().message}});
      return samples;
    }
    merge.add(chunk, columns);
  }
  merge.take(columns);
  for (const Piece& chunk : chunks) MW_TRY(writer_.remove(series, chunk));
  writer_.stage(series, columns, false);
  return samples;
}

Result<> ChunkJoiner::count_again(SeriesId series, State& state) {
  const std::size_t before = state.loose.count;
  MW_ASSIGN(Rows rows, chunks_.query("SELECT count(*), max(loose) FROM chunks "
                                     "WHERE series = ? AND loose > 0",
                                     static_cast<std::int64_t>(series)));
  MW_TRY(rows.next());
  state.loose = {static_cast<std::size_t>(rows->integer(0)),
                 Loose{rows->integer(1)} == Loose::kLate};
  // What could not be joined now is not tried again before as much has come anew.
  const bool helped = state.loose.count + kJoinAt / 2 <= before;
  state.join_at = helped ? kJoinAt : state.loose.count + kJoinAt;
  return {};
}

}  // namespace millwright
