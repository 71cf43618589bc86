// Retention of SqliteSampleStore: removes whole pieces from the beginning of a series.
#include "storage/sqlite/sqlite_expiry.h"

#include <algorithm>
#include <limits>

#include "storage/sqlite/sqlite_sample_store.h"

namespace millwright {
namespace {

constexpr std::size_t kPiecesAStep = 256;

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

/// How many of the pieces, ascending, lie wholly before the instant together with all that overlap
/// them: a piece alone might uncover what it replaced.
std::size_t count_expired(std::span<const Piece> pieces, std::int64_t before_us) {
  std::size_t expired = 0;
  while (expired < pieces.size()) {
    const std::span<const Piece> cluster = first_cluster(pieces.subspan(expired));
    const auto reaches = [&](const Piece& piece) { return piece.last_us >= before_us; };
    if (std::any_of(cluster.begin(), cluster.end(), reaches)) break;
    expired += cluster.size();
  }
  return expired;
}

Result<std::vector<Piece>> expired_pieces(Connection& connection, const Expiry& expiry) {
  constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();
  MW_ASSIGN(std::vector<Piece> pieces,
            find_pieces(connection, expiry.series, {kEarliest, expiry.before_us}));
  pieces.resize(count_expired(pieces, expiry.before_us));
  return pieces;
}

Result<> remove_piece(Connection& connection, SeriesId series, const Piece& piece) {
  if (piece.is_waveform()) {
    MW_TRY(connection.run("DELETE FROM waveforms WHERE series = ? AND start_us = ?", number(series),
                          piece.first_us));
    return connection.run("DELETE FROM waveform_data WHERE version = ?", piece.version);
  }
  MW_TRY(connection.run("DELETE FROM chunks WHERE series = ? AND first_us = ? AND version = ?",
                        number(series), piece.first_us, piece.version));
  return connection.run("DELETE FROM chunk_data WHERE version = ?", piece.version);
}

Result<std::uint64_t> bytes_of(Connection& connection, const Piece& piece) {
  const char* sql = piece.is_waveform()
                        ? "SELECT length(bytes) FROM waveform_data WHERE version = ?"
                        : "SELECT length(bytes) FROM chunk_data WHERE version = ?";
  MW_ASSIGN(const std::optional<std::int64_t> bytes, connection.integer(sql, piece.version));
  return static_cast<std::uint64_t>(bytes.value_or(0));
}

Result<bool> has_pieces(Connection& connection, SeriesId series) {
  MW_ASSIGN(const std::optional<std::int64_t> any,
            connection.integer("SELECT EXISTS (SELECT 1 FROM chunks WHERE series = ?1) OR "
                               "EXISTS (SELECT 1 FROM waveforms WHERE series = ?1)",
                               number(series)));
  return any == 1;
}

Result<Expirable> count_expirable(Connection& reader, std::span<const Expiry> expiries) {
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(reader));
  Expirable out;
  for (const Expiry& expiry : expiries) {
    MW_ASSIGN(const std::vector<Piece> pieces, expired_pieces(reader, expiry));
    for (const Piece& piece : pieces) {
      MW_ASSIGN(const std::uint64_t bytes, bytes_of(reader, piece));
      const bool is_first = out.samples == 0;
      out.samples += piece.stats.count;
      out.bytes += bytes;
      out.first_us = is_first ? piece.first_us : std::min(out.first_us, piece.first_us);
      out.last_us = is_first ? piece.last_us : std::max(out.last_us, piece.last_us);
    }
  }
  return out;
}

}  // namespace

Result<bool> SqliteSampleStore::expire(std::span<const Expiry> expiries) {
  const std::lock_guard lock(writing_);
  std::vector<SeriesId> emptied;
  const auto step = [&]() -> Result<bool> {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
    std::size_t removed = 0;
    for (const Expiry& expiry : expiries) {
      MW_ASSIGN(const std::vector<Piece> pieces, expired_pieces(connection_, expiry));
      for (std::span<const Piece> left = pieces; !left.empty() && removed < kPiecesAStep;) {
        const std::span<const Piece> cluster = first_cluster(left);
        for (const Piece& piece : cluster) {
          MW_TRY(remove_piece(connection_, expiry.series, piece));
        }
        removed += cluster.size();
        left = left.subspan(cluster.size());
      }
      // The newest sample is in the last piece: the head changes only when nothing is left.
      if (!pieces.empty()) {
        MW_ASSIGN(const bool has_more, has_pieces(connection_, expiry.series));
        if (!has_more) {
          heads_.remove(expiry.series);
          emptied.push_back(expiry.series);
        }
      }
      if (removed >= kPiecesAStep) break;
    }
    MW_TRY(commit(transaction));
    return removed >= kPiecesAStep;
  };
  Result<bool> more = step();
  if (!more) {
    heads_.discard();
    return more;
  }
  for (const SeriesId series : emptied) joiner_.removed(series);
  return more;
}

Result<Expirable> SqliteSampleStore::expirable(std::span<const Expiry> expiries) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  return count_expirable(*reader, expiries);
}

Result<Expirable> expirable_in(const std::filesystem::path& samples_db,
                               std::span<const Expiry> expiries) {
  if (!std::filesystem::exists(samples_db)) return Expirable{};
  ReaderPool readers(samples_db);
  MW_ASSIGN(const ReaderPool::Lease reader, readers.lease());
  return count_expirable(*reader, expiries);
}

}  // namespace millwright
