#pragma once
/// Moves samples from memory and log into chunks, and keeps the chunks in order.
///
/// A step compresses what has piled up in memory, writes chunks of series that have enough samples
/// (or whose samples keep the log from being trimmed), or joins small chunks. It never holds a lock
/// that an append waits for while it works or writes.
/// Threads: any; one step at a time.

#include <functional>
#include <mutex>

#include "storage/sqlite/chunk_joiner.h"

namespace millwright {

/// How many of the pieces, ascending, lie wholly before the instant together with all that overlap
/// them: a piece alone might uncover what it replaced.
std::size_t count_expired(std::span<const Piece> pieces, std::int64_t before_us);
/// A sample stays at most that much longer than it should because younger ones lie beside it.
inline constexpr std::int64_t kOverdueUs = 7LL * 86'400 * 1'000'000;
/// Before this a piece must not begin.
std::int64_t overdue_before(const Expiry& expiry);
/// The chunks that expire() would remove whole.
Result<std::vector<Piece>> expired_chunks(Connection& chunks, const Expiry& expiry);

class Sealer {
 public:
  Sealer(sqlite::Database chunks, SeriesHeads& heads);

  /// Reads where the chunks stand, and tells the heads. Answers the highest record of the log that
  /// is known here.
  Result<std::uint64_t> load();
  /// Compresses all that has piled up in memory.
  void compress_all();

  /// `log_bytes`: what the log takes, of which the older half ends with record `log_middle`.
  struct LogState {
    std::uint64_t bytes = 0;
    std::uint64_t middle = 0;
  };
  /// A bounded piece of work, about 50 ms. Answers whether there is more.
  Result<bool> step(const LogState& log);
  /// Whether there are chunks that settle() would join.
  bool has_loose();
  /// Writes everything that lies in no chunk into chunks, joins small ones and gives space back.
  Result<> settle();

  /// Removes all chunks of these series; records of the log up to `through_log` are void for them.
  Result<> remove(std::span<const SeriesId> series, std::uint64_t through_log);
  /// Removes chunks of a beginning of series that have younger samples too, as
  /// SampleStore::expire() says; a chunk that began more than a week too early is cut. Answers
  /// whether there is more.
  Result<bool> expire(std::span<const Expiry> expiries);

 private:
  void compress(std::size_t blocks);
  Result<> seal(std::span<const SeriesId> series);
  Result<> stage(const Harvest& harvest);
  Result<> seal_old(std::span<const Expiry> expiries);
  Result<std::size_t> remove_old(const Expiry& expiry, std::size_t limit);
  Result<std::size_t> cut_beginning(const Expiry& expiry);
  /// Runs `work` in a transaction; stages are dropped when it fails.
  Result<> in_transaction(const std::function<Result<>()>& work);

  SeriesHeads& heads_;
  std::mutex mutex_;  // guards everything below
  Connection chunks_;
  ChunkWriter writer_;
  ChunkJoiner joiner_;
  std::vector<SeriesId> full_;  // to compress
  std::vector<SeriesId> due_;   // to seal, ascending
  ChunkEncoder encoder_;
  SampleColumns columns_;
};

}  // namespace millwright
