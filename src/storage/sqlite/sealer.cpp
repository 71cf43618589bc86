#include "storage/sqlite/sealer.h"

#include <algorithm>

#include "base/log.h"
#include "storage/sqlite/samples_files.h"

namespace millwright {
namespace {

constexpr std::size_t kBlocksAStep = 2'048;  // about 15 ms
constexpr std::size_t kSeriesAStep = 256;    // a transaction of about 1.5 MB
/// A longer log makes series be sealed that have few samples, so that a start stays quick.
constexpr std::uint64_t kLogBytes = 128U << 20;
constexpr std::size_t kChunksAnExpiry = 256;

/// The first `count` of them, removed from `from`.
std::vector<SeriesId> take_first(std::vector<SeriesId>& from, std::size_t count) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(count, from.size()));
  std::vector<SeriesId> out(from.begin(), end);
  from.erase(from.begin(), end);
  return out;
}

}  // namespace

std::int64_t overdue_before(const Expiry& expiry) {
  return expiry.before_us < kAllTime.start_us + kOverdueUs ? kAllTime.start_us
                                                           : expiry.before_us - kOverdueUs;
}

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

Result<std::vector<Piece>> expired_chunks(Connection& chunks, const Expiry& expiry) {
  std::vector<Piece> pieces;
  MW_TRY(find_chunks(chunks, expiry.series, {kAllTime.start_us, expiry.before_us}, pieces));
  pieces.resize(count_expired(pieces, expiry.before_us));
  return pieces;
}

Sealer::Sealer(sqlite::Database chunks, SeriesHeads& heads)
    : heads_(heads), chunks_(std::move(chunks)), writer_(chunks_), joiner_(chunks_, writer_) {}

Result<> Sealer::in_transaction(const std::function<Result<>()>& work) {
  const auto run = [&]() -> Result<> {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(chunks_.database()));
    MW_TRY(work());
    return transaction.commit();
  };
  Result<> done = run();
  if (!done) writer_.discard();
  return done;
}

Result<std::uint64_t> Sealer::load() {
  const std::lock_guard lock(mutex_);
  std::uint64_t through_log = 0;
  MW_TRY(writer_.load());
  MW_TRY(joiner_.load());
  MW_ASSIGN(Rows rows, chunks_.query("SELECT series, through_log, at_us, value FROM series"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return through_log;
    Newest newest;
    if (!rows->is_null(2)) newest = {rows->integer(2), rows->real(3), 0, true};
    const auto sealed = static_cast<std::uint64_t>(rows->integer(1));
    heads_.restore(SeriesId{rows->integer(0)}, newest, sealed);
    through_log = std::max(through_log, sealed);
  }
}

void Sealer::compress_all() {
  const std::lock_guard lock(mutex_);
  do compress(~std::size_t{0});
  while (!full_.empty());
}

Result<bool> Sealer::step(const LogState& log) {
  const std::lock_guard lock(mutex_);
  compress(kBlocksAStep);
  if (due_.empty()) due_ = heads_.take_due();
  if (due_.empty() && log.bytes > kLogBytes) due_ = heads_.unsealed_since(log.middle);
  if (!due_.empty()) {
    const std::vector<SeriesId> series = take_first(due_, kSeriesAStep);
    if (const auto sealed = seal(series); !sealed) {
      due_.insert(due_.begin(), series.begin(), series.end());
      return sealed.error();
    }
  } else if (joiner_.has_work()) {
    MW_TRY(in_transaction([&] { return joiner_.step(); }));
  }
  return !full_.empty() || !due_.empty() || joiner_.has_work() || heads_.has_work();
}

void Sealer::compress(std::size_t blocks) {
  if (full_.empty()) full_ = heads_.take_full();
  for (const SeriesId series : take_first(full_, blocks)) {
    const std::vector<Sample> samples = heads_.full_block(series);
    if (samples.empty()) continue;  // sealed or removed meanwhile
    columns_.timestamp_us.clear();
    columns_.value.clear();
    for (const Sample& sample : samples) columns_.append(sample.at_us, sample.value);
    auto bytes =
        std::make_shared<const Bytes>(encoder_.encode(columns_.timestamp_us, columns_.value));
    heads_.compressed(
        series, {samples.front().at_us, samples.back().at_us, samples.size(), std::move(bytes)});
  }
}

Result<> Sealer::seal(std::span<const SeriesId> series) {
  std::vector<Harvest> harvests;
  std::map<SeriesId, LooseChunks> loose;
  const auto write = [&]() -> Result<> {
    for (const SeriesId id : series) {
      Harvest harvest = heads_.harvest(id);
      if (harvest.samples.empty()) continue;
      MW_TRY(stage(harvest));
      MW_TRY(writer_.store_series(id, harvest.newest, harvest.through_log));
      harvests.push_back(std::move(harvest));
    }
    MW_ASSIGN(loose, writer_.flush());
    return {};
  };
  MW_TRY(in_transaction(write));
  for (const auto& [id, count] : loose) joiner_.added(id, count);
  for (const Harvest& harvest : harvests) heads_.sealed(harvest);
  return {};
}

Result<> Sealer::stage(const Harvest& harvest) {
  MW_TRY(decode_main(harvest.samples, kAllTime, columns_));
  writer_.stage(harvest.series, columns_, false);
  sort_late(harvest.samples, kAllTime, columns_);
  writer_.stage(harvest.series, columns_, true);
  return {};
}

bool Sealer::has_loose() {
  const std::lock_guard lock(mutex_);
  joiner_.join_all();
  return joiner_.has_work();
}

Result<> Sealer::settle() {
  const std::lock_guard lock(mutex_);
  std::vector<SeriesId> all = heads_.unsealed_since(~std::uint64_t{0});
  while (!all.empty()) MW_TRY(seal(take_first(all, kSeriesAStep)));
  joiner_.join_all();
  while (joiner_.has_work()) MW_TRY(in_transaction([&] { return joiner_.step(); }));
  return shrink(chunks_.database());
}

Result<> Sealer::remove(std::span<const SeriesId> series, std::uint64_t through_log) {
  const std::lock_guard lock(mutex_);
  const auto write = [&]() -> Result<> {
    for (const SeriesId id : series) {
      MW_TRY(writer_.remove_all(id));
      MW_TRY(writer_.store_series(id, {}, through_log));
    }
    return {};
  };
  MW_TRY(in_transaction(write));
  for (const SeriesId id : series) joiner_.removed(id);
  return {};
}

Result<bool> Sealer::expire(std::span<const Expiry> expiries) {
  const std::lock_guard lock(mutex_);
  MW_TRY(seal_old(expiries));
  std::size_t removed = 0;
  std::map<SeriesId, LooseChunks> loose;
  const auto write = [&]() -> Result<> {
    for (const Expiry& expiry : expiries) {
      if (removed >= kChunksAnExpiry) break;
      MW_ASSIGN(const std::size_t whole, remove_old(expiry, kChunksAnExpiry - removed));
      MW_ASSIGN(const std::size_t cut, cut_beginning(expiry));
      removed += whole + cut;
    }
    MW_ASSIGN(loose, writer_.flush());
    return {};
  };
  MW_TRY(in_transaction(write));
  for (const auto& [id, chunks] : loose) joiner_.added(id, chunks);
  MW_TRY(give_back(chunks_.database()));
  return removed >= kChunksAnExpiry;
}

/// Late samples belong to the beginning that goes, wherever they lie; and a series that is too slow
/// to be sealed would keep its samples for ever.
Result<> Sealer::seal_old(std::span<const Expiry> expiries) {
  std::vector<SeriesId> series;
  for (const Expiry& expiry : expiries) {
    const TimeRange old{kAllTime.start_us, expiry.before_us};
    const Unsealed unsealed = heads_.view(expiry.series, old).unsealed;
    bool is_due = !unsealed.late.empty();
    for (const Piece& piece : unsealed.pieces()) {
      is_due = is_due || piece.first_us < overdue_before(expiry);
    }
    if (is_due) series.push_back(expiry.series);
  }
  std::sort(series.begin(), series.end());
  while (!series.empty()) MW_TRY(seal(take_first(series, kSeriesAStep)));
  return {};
}

Result<std::size_t> Sealer::remove_old(const Expiry& expiry, std::size_t limit) {
  MW_ASSIGN(const std::vector<Piece> pieces, expired_chunks(chunks_, expiry));
  std::size_t removed = 0;
  for (std::span<const Piece> left = pieces; !left.empty() && removed < limit;) {
    const std::span<const Piece> cluster = first_cluster(left);
    for (const Piece& piece : cluster) MW_TRY(writer_.remove(expiry.series, piece));
    removed += cluster.size();
    left = left.subspan(cluster.size());
  }
  return removed;
}

/// Writes the first chunk, with all that overlap it, again without its old samples.
Result<std::size_t> Sealer::cut_beginning(const Expiry& expiry) {
  std::vector<Piece> pieces;
  MW_TRY(find_chunks(chunks_, expiry.series, {kAllTime.start_us, overdue_before(expiry)}, pieces));
  if (pieces.empty()) return std::size_t{0};
  // Everything that overlaps, until nothing else does.
  std::size_t size = 0;
  while (true) {
    const std::span<const Piece> cluster = first_cluster(pieces);
    if (cluster.size() == size) break;
    size = cluster.size();
    std::int64_t last_us = cluster.front().last_us;
    for (const Piece& piece : cluster) last_us = std::max(last_us, piece.last_us);
    pieces.clear();
    MW_TRY(find_chunks(chunks_, expiry.series, {kAllTime.start_us, last_us + 1}, pieces));
  }
  pieces.resize(size);
  // Whole pieces that are old go first, in steps.
  if (count_expired(pieces, expiry.before_us) > 0) return std::size_t{0};
  Merge merge;
  const TimeRange kept{expiry.before_us, kAllTime.end_us};
  for (const Piece& piece : pieces) {
    if (const auto loaded = load_chunk(chunks_, expiry.series, piece, kept, columns_); !loaded) {
      if (loaded.error().code != ErrorCode::kDataLoss) return loaded.error();
      return std::size_t{0};  // damage is left where it is, for a reader to be told of
    }
    merge.add(piece, columns_);
  }
  for (const Piece& piece : pieces) MW_TRY(writer_.remove(expiry.series, piece));
  merge.take(columns_);
  writer_.stage(expiry.series, columns_, false);
  return size;
}

}  // namespace millwright
