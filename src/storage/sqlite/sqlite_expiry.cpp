// Retention of SqliteSampleStore: removes whole pieces from the beginning of a series.
#include "storage/sqlite/sqlite_expiry.h"

#include <algorithm>

#include "storage/sqlite/sqlite_sample_store.h"

namespace millwright {
namespace {

constexpr std::size_t kBlocksAStep = 256;
constexpr std::uint64_t kLogBytesASample = 6;  // about, of what is not sealed yet

Result<std::vector<Piece>> expired_blocks(Connection& samples, const Expiry& expiry) {
  std::vector<Piece> pieces;
  MW_TRY(find_waveforms(samples, expiry.series, {kAllTime.start_us, expiry.before_us}, pieces));
  pieces.resize(count_expired(pieces, expiry.before_us));
  return pieces;
}

/// Whether all samples of the series are older.
bool is_old(const std::optional<SampleStore::Latest>& latest, std::int64_t before_us) {
  return latest && latest->timestamp_us < before_us;
}

void add(Expirable& to, const Piece& piece, std::uint64_t bytes) {
  const bool is_first = to.samples == 0;
  to.samples += piece.stats.count;
  to.bytes += bytes;
  to.first_us = is_first ? piece.first_us : std::min(to.first_us, piece.first_us);
  to.last_us = is_first ? piece.last_us : std::max(to.last_us, piece.last_us);
}

Result<std::uint64_t> bytes_of(Connection& connection, const char* sql, const Piece& piece) {
  MW_ASSIGN(const std::optional<std::int64_t> bytes, connection.integer(sql, piece.version));
  return static_cast<std::uint64_t>(bytes.value_or(0));
}

/// What a cut chunk loses, supposing that its samples are evenly spread.
Result<> add_cut(Connection& chunks, const Expiry& expiry, Expirable& out) {
  std::vector<Piece> pieces;
  MW_TRY(find_chunks(chunks, expiry.series, {kAllTime.start_us, overdue_before(expiry)}, pieces));
  for (Piece& piece : pieces) {
    if (piece.last_us < expiry.before_us) continue;  // goes whole
    MW_ASSIGN(const std::uint64_t bytes,
              bytes_of(chunks, "SELECT length(bytes) FROM chunk_data WHERE version = ?", piece));
    const double share = static_cast<double>(expiry.before_us - piece.first_us) /
                         static_cast<double>(piece.last_us - piece.first_us);
    const auto part = [&](std::uint64_t all) {
      return static_cast<std::uint64_t>(static_cast<double>(all) * share);
    };
    piece.stats.count = part(piece.stats.count);
    piece.last_us = expiry.before_us - 1;
    add(out, piece, part(bytes));
  }
  return {};
}

Result<> add_stored(Connection& chunks, Connection& samples, std::span<const Expiry> expiries,
                    Expirable& out) {
  MW_ASSIGN(const Snapshot chunk_snapshot, Snapshot::begin(chunks));
  MW_ASSIGN(const Snapshot samples_snapshot, Snapshot::begin(samples));
  for (const Expiry& expiry : expiries) {
    MW_ASSIGN(const std::vector<Piece> pieces, expired_chunks(chunks, expiry));
    for (const Piece& piece : pieces) {
      MW_ASSIGN(const std::uint64_t bytes,
                bytes_of(chunks, "SELECT length(bytes) FROM chunk_data WHERE version = ?", piece));
      add(out, piece, bytes);
    }
    MW_TRY(add_cut(chunks, expiry, out));
    MW_ASSIGN(const std::vector<Piece> blocks, expired_blocks(samples, expiry));
    for (const Piece& block : blocks) {
      MW_ASSIGN(
          const std::uint64_t bytes,
          bytes_of(samples, "SELECT length(bytes) FROM waveform_data WHERE version = ?", block));
      add(out, block, bytes);
    }
  }
  return {};
}

}  // namespace

Result<bool> SqliteSampleStore::expire(std::span<const Expiry> expiries) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(const bool more_blocks, expire_waveforms(expiries));
  std::vector<SeriesId> old;
  std::vector<Expiry> partly;
  for (const Expiry& expiry : expiries) {
    const auto latest = heads_.latest({&expiry.series, 1})[0];
    if (!latest || latest->sample_rate_hz > 0) continue;
    if (is_old(latest, expiry.before_us)) {
      old.push_back(expiry.series);
    } else {
      partly.push_back(expiry);
    }
  }
  if (!old.empty()) MW_TRY(remove_all(old));
  MW_ASSIGN(const bool more_chunks, sealer_.expire(partly));
  return more_blocks || more_chunks;
}

Result<bool> SqliteSampleStore::expire_waveforms(std::span<const Expiry> expiries) {
  std::size_t removed = 0;
  const auto write = [&]() -> Result<> {
    for (const Expiry& expiry : expiries) {
      if (removed >= kBlocksAStep) break;
      MW_ASSIGN(std::vector<Piece> blocks, expired_blocks(samples_, expiry));
      if (blocks.empty()) continue;
      blocks.resize(std::min(blocks.size(), kBlocksAStep - removed));
      for (const Piece& block : blocks) MW_TRY(waveforms_.remove(expiry.series, block));
      MW_TRY(waveforms_.find_newest(expiry.series));
      removed += blocks.size();
    }
    return {};
  };
  MW_TRY(in_transaction(write));
  if (removed > 0) MW_TRY(give_back(samples_.database()));
  return removed >= kBlocksAStep;
}

Result<Expirable> SqliteSampleStore::expirable(std::span<const Expiry> expiries) {
  Expirable out;
  for (const Expiry& expiry : expiries) {
    const HeadView view = heads_.view(expiry.series, {kAllTime.start_us, expiry.before_us});
    if (!is_old(heads_.latest({&expiry.series, 1})[0], expiry.before_us)) continue;
    for (const Piece& piece : view.unsealed.pieces()) {
      add(out, piece, piece.stats.count * kLogBytesASample);
    }
  }
  MW_ASSIGN(const ReaderPool::Lease chunks, chunk_readers_.lease());
  MW_ASSIGN(const ReaderPool::Lease samples, sample_readers_.lease());
  MW_TRY(add_stored(*chunks, *samples, expiries, out));
  return out;
}

Result<Expirable> expirable_in(const std::filesystem::path& tenant_folder,
                               std::span<const Expiry> expiries) {
  Expirable out;
  const SamplesFiles files = SamplesFiles::in(tenant_folder);
  if (!std::filesystem::exists(files.samples) || !std::filesystem::exists(files.chunks)) return out;
  ReaderPool chunk_readers(files.chunks);
  ReaderPool sample_readers(files.samples);
  MW_ASSIGN(const ReaderPool::Lease chunks, chunk_readers.lease());
  MW_ASSIGN(const ReaderPool::Lease samples, sample_readers.lease());
  MW_TRY(add_stored(*chunks, *samples, expiries, out));
  return out;
}

}  // namespace millwright
