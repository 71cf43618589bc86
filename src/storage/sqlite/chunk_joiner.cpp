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
  MW_ASSIGN(Rows rows, connection_.query("SELECT series, count(*) FROM chunks WHERE loose = 1 "
                                         "GROUP BY series"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    states_[SeriesId{rows->integer(0)}].loose = static_cast<std::size_t>(rows->integer(1));
  }
}

Result<bool> ChunkJoiner::step() {
  std::size_t samples = 0;
  for (auto& [series, state] : states_) {
    if (!is_due(state)) continue;
    if (samples >= kSamplesAStep) return true;
    MW_ASSIGN(const std::size_t joined, join(series, state));
    samples += joined;
  }
  return std::any_of(states_.begin(), states_.end(),
                     [](const auto& entry) { return is_due(entry.second); });
}

Result<std::vector<Piece>> ChunkJoiner::chunks_to_join(SeriesId series, State& state) {
  std::vector<Piece> chunks;
  MW_ASSIGN(const std::optional<Head> head, find_head(connection_, series));
  if (!head) return chunks;
  // The span of the loose chunks, first to last sample.
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_us = kFromStart;
  int found = 0;
  {
    MW_ASSIGN(Rows rows,
              connection_.query("SELECT first_us, last_us FROM chunks WHERE series = ? "
                                "AND loose = 1 AND first_us >= ? "
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
    MW_TRY(find_chunks(connection_, series, {first_us, end_us}, head->chunk_span_us, chunks));
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
  const std::size_t loose = state.loose;
  // A series of which too much overlaps stays as it is: correct, and slower to read.
  if (!chunks.empty() && samples <= kSamplesAJoin) {
    SampleColumns joined;
    if (auto loaded = load_merged(connection_, series, chunks, joined); !loaded) {
      if (loaded.error().code != ErrorCode::kDataLoss) return loaded.error();
      // Damage is left where it is, for a reader to be told of; other series go on.
      log::error("chunks cannot be joined", {{"reason", loaded.error().message}});
    } else {
      MW_TRY(writer_.replace(series, chunks, joined));
    }
  }
  MW_ASSIGN(const std::optional<std::int64_t> left,
            connection_.integer("SELECT count(*) FROM chunks WHERE series = ? AND loose = 1",
                                static_cast<std::int64_t>(series)));
  state.loose = static_cast<std::size_t>(left.value_or(0));
  // What could not be joined now is not tried again before as much has come anew.
  const bool helped = state.loose + kJoinAt / 2 <= loose;
  state.join_at = helped ? kJoinAt : state.loose + kJoinAt;
  return std::max<std::size_t>(samples, 1);
}

}  // namespace millwright
