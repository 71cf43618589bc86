/// Moves damaged pieces out of the way of readers.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "storage/sqlite/sample_log.h"
#include "storage/sqlite/samples_files.h"
#include "storage/sqlite/sqlite_verify.h"
#include "storage/sqlite/waveform_writer.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsATransaction = 1'000;

bool is_damage(const Error& error) { return error.code == ErrorCode::kDataLoss; }

/// Damaged chunks and their reasons, by version.
using DamagedChunks = std::map<std::uint64_t, std::string>;

Result<> in_transaction(Connection& connection, const std::function<Result<>()>& work) {
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection.database()));
  MW_TRY(work());
  return transaction.commit();
}

/// The newest sample of a series is the last one of the chunks that are left.
Result<> note_newest(Connection& chunks, std::int64_t series) {
  return chunks.run(
      "UPDATE series SET (at_us, value) = (SELECT last_us, last FROM chunks WHERE series = ?1 "
      "ORDER BY last_us DESC, version DESC LIMIT 1) WHERE series = ?1",
      series);
}

// The file itself is sound: rows move ------------------------------------------------------------

Result<std::uint64_t> move_chunks_aside(const fs::path& file, const DamagedChunks& damaged) {
  MW_ASSIGN(sqlite::Database database, open_chunks(file));
  Connection chunks(std::move(database));
  for (const auto& [version, reason] : damaged) {
    MW_ASSIGN(const auto series,
              chunks.integer("SELECT series FROM chunks WHERE version = ?", version));
    if (!series) continue;
    const auto move = [&]() -> Result<> {
      MW_TRY(
          chunks.run("INSERT OR REPLACE INTO damaged_chunks SELECT c.version, c.series, "
                     "c.first_us, c.last_us, c.count, ?1, d.bytes FROM chunks c "
                     "LEFT JOIN chunk_data d ON d.version = c.version WHERE c.version = ?2",
                     reason, version));
      MW_TRY(chunks.run("DELETE FROM chunks WHERE version = ?", version));
      MW_TRY(chunks.run("DELETE FROM chunk_data WHERE version = ?", version));
      return note_newest(chunks, *series);
    };
    MW_TRY(in_transaction(chunks, move));
  }
  return damaged.size();
}

// Pages are spoilt: what can be read is written to a new file
// --------------------------------------

class Rewriter {
 public:
  Rewriter(Connection& from, Connection& to, const DamagedChunks& damaged)
      : from_(from), to_(to), damaged_(damaged) {}

  Result<> run(const std::vector<SeriesId>& series) {
    for (const SeriesId id : series) MW_TRY(copy_series(static_cast<std::int64_t>(id)));
    MW_TRY(commit());
    return copy_bytes();
  }
  std::uint64_t set_aside() const { return set_aside_; }

 private:
  struct Row {
    std::int64_t series, first_us, last_us, count;
    double min, max, sum, first, last;
    std::int64_t loose;
  };

  Result<> begin() {
    if (!open_) {
      MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(to_.database()));
      open_.emplace(std::move(transaction));
    }
    return {};
  }
  Result<> commit() {
    if (open_) MW_TRY(open_->commit());
    open_.reset();
    rows_ = 0;
    return {};
  }
  Result<> step() {
    if (++rows_ < kRowsATransaction) return {};
    return commit();
  }

  /// What cannot be read of the series' index is left out.
  Result<> copy_series(std::int64_t series) {
    std::uint64_t through_log = 0;
    if (const auto found =
            from_.integer("SELECT through_log FROM series WHERE series = ?", series)) {
      through_log = static_cast<std::uint64_t>(found->value_or(0));
    } else if (!is_damage(found.error())) {
      return found.error();
    }
    std::int64_t span_us = 0;
    const auto read = [&]() -> Result<> {
      MW_ASSIGN(Rows rows, from_.query("SELECT version, first_us, last_us, count, min, max, sum, "
                                       "first, last, loose FROM chunks WHERE series = ?",
                                       series));
      while (true) {
        MW_ASSIGN(const bool more, rows.next());
        if (!more) return {};
        Row row{series,        rows->integer(1), rows->integer(2), rows->integer(3),
                rows->real(4), rows->real(5),    rows->real(6),    rows->real(7),
                rows->real(8), rows->integer(9)};
        span_us = std::max(span_us, row.last_us - row.first_us);
        rows_by_version_.emplace(static_cast<std::uint64_t>(rows->integer(0)), row);
      }
    }();
    if (!read && !is_damage(read.error())) return read.error();
    MW_TRY(begin());
    MW_TRY(to_.run("INSERT OR REPLACE INTO series VALUES (?, ?, NULL, NULL, ?)", series,
                   through_log, span_us));
    return step();
  }

  /// In the order of versions, as they were written: pages stay filled.
  Result<> copy_bytes() {
    std::set<std::int64_t> all;
    for (const auto& [version, row] : rows_by_version_) {
      MW_TRY(begin());
      MW_TRY(copy_chunk(version, row));
      MW_TRY(step());
      all.insert(row.series);
    }
    for (const std::int64_t series : all) {
      MW_TRY(begin());
      MW_TRY(note_newest(to_, series));
      MW_TRY(step());
    }
    return commit();
  }

  Result<> copy_chunk(std::uint64_t version, const Row& row) {
    const auto found = damaged_.find(version);
    std::string reason = found == damaged_.end() ? std::string() : found->second;
    std::optional<Bytes> bytes;
    const auto read = [&]() -> Result<> {
      MW_ASSIGN(Rows rows, from_.query("SELECT bytes FROM chunk_data WHERE version = ?", version));
      MW_ASSIGN(const bool is_there, rows.next());
      if (is_there) bytes.emplace(rows->blob(0).begin(), rows->blob(0).end());
      return {};
    }();
    if (!read && !is_damage(read.error())) return read.error();
    if (!bytes && reason.empty()) reason = read ? "the bytes are missing" : read.error().message;
    std::optional<std::span<const std::uint8_t>> blob;
    if (bytes) blob.emplace(*bytes);
    if (!reason.empty()) {
      ++set_aside_;
      return to_.run("INSERT INTO damaged_chunks VALUES (?, ?, ?, ?, ?, ?, ?)", version, row.series,
                     row.first_us, row.last_us, row.count, reason, blob);
    }
    MW_TRY(to_.run("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row.series,
                   row.first_us, version, row.last_us, row.count, row.min, row.max, row.sum,
                   row.first, row.last, row.loose));
    return to_.run("INSERT INTO chunk_data VALUES (?, ?)", version, *blob);
  }

  Connection& from_;
  Connection& to_;
  const DamagedChunks& damaged_;
  std::map<std::uint64_t, Row> rows_by_version_;
  std::optional<sqlite::Transaction> open_;
  std::size_t rows_ = 0;
  std::uint64_t set_aside_ = 0;
};

void rename_if_there(const std::string& from, const std::string& to) {
  std::error_code ignored;
  if (fs::exists(from, ignored)) fs::rename(from, to, ignored);
}

/// Every series that the old file or the catalog can name.
Result<std::vector<SeriesId>> all_series(Connection& chunks, const fs::path& folder) {
  std::set<std::int64_t> all;
  const auto read = [&](Connection& connection, const char* sql) -> Result<> {
    MW_ASSIGN(Rows rows, connection.query(sql));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) return {};
      all.insert(rows->integer(0));
    }
  };
  const auto tolerate = [](const Result<>& done) -> Result<> {
    if (!done && !is_damage(done.error())) return done.error();
    return {};
  };
  MW_TRY(tolerate(read(chunks, "SELECT series FROM series")));
  MW_TRY(tolerate(read(chunks, "SELECT DISTINCT series FROM chunks")));
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open_read_only(folder / "catalog.db"));
  Connection catalog(std::move(database));
  MW_TRY(tolerate(read(catalog, "SELECT series FROM metrics")));
  std::vector<SeriesId> out;
  for (const std::int64_t series : all) out.push_back(SeriesId{series});
  return out;
}

Result<std::uint64_t> rewrite_chunks(const fs::path& folder, const DamagedChunks& damaged) {
  const std::string file = SamplesFiles::in(folder).chunks.string();
  const std::string fresh = file + ".new";
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(fresh + end);
  std::uint64_t set_aside = 0;
  {
    MW_ASSIGN(sqlite::Database old, sqlite::Database::open_read_only(file));
    Connection from(std::move(old));
    MW_ASSIGN(sqlite::Database database, open_chunks(fresh));
    Connection to(std::move(database));
    MW_ASSIGN(const std::vector<SeriesId> series, all_series(from, folder));
    Rewriter rewriter(from, to, damaged);
    MW_TRY(rewriter.run(series));
    MW_TRY(shrink(to.database()));
    set_aside = rewriter.set_aside();
  }
  std::string kept = file + ".damaged";
  for (int n = 2; fs::exists(kept); ++n) kept = file + ".damaged" + std::to_string(n);
  // A crash between the two leaves no chunks.db, which a start would take for an empty one: so the
  // old one keeps its name until the new one takes it.
  std::error_code failed;
  fs::create_hard_link(file, kept, failed);
  if (failed) return internal_error("cannot keep " + file + " as " + kept, failed.message());
  rename_if_there(file + "-wal", kept + "-wal");
  fs::remove(file + "-shm", failed);
  fs::rename(fresh, file, failed);
  if (failed) return internal_error("cannot replace " + file, failed.message());
  return set_aside;
}

// samples.db --------------------------------------------------------------------------------------

Result<> move_log_aside(Connection& samples, const Damage& damage) {
  const auto move = [&]() -> Result<> {
    MW_TRY(
        samples.run("INSERT OR REPLACE INTO damaged_log SELECT id, ?, bytes FROM log "
                    "WHERE id = ?",
                    damage.reason, damage.id));
    return samples.run("DELETE FROM log WHERE id = ?", damage.id);
  };
  return in_transaction(samples, move);
}

Result<> move_waveform_aside(Connection& samples, WaveformWriter& writer, const Damage& damage) {
  const auto move = [&]() -> Result<> {
    MW_TRY(
        samples.run("INSERT OR REPLACE INTO damaged_waveforms SELECT w.version, w.series, "
                    "w.start_us, w.last_us, w.sample_rate_hz, w.count, ?1, d.bytes FROM "
                    "waveforms w LEFT JOIN waveform_data d ON d.version = w.version "
                    "WHERE w.version = ?2",
                    damage.reason, damage.id));
    Piece piece;
    piece.first_us = *damage.first_us;
    piece.version = damage.id;
    MW_TRY(writer.remove(*damage.series, piece));
    return writer.find_newest(*damage.series);
  };
  return in_transaction(samples, move);
}

Result<std::uint64_t> set_aside_in_samples(const fs::path& file, const VerifyReport& report) {
  MW_ASSIGN(sqlite::Database database, open_samples(file));
  Connection samples(std::move(database));
  SeriesHeads heads;
  WaveformWriter writer(samples);
  MW_TRY(writer.load(heads));
  std::uint64_t moved = 0;
  for (const Damage& damage : report.damages) {
    Result<> done;
    if (damage.piece == Damage::Piece::kLogRecord) {
      done = move_log_aside(samples, damage);
    } else if (damage.piece == Damage::Piece::kWaveform) {
      done = move_waveform_aside(samples, writer, damage);
    } else {
      continue;
    }
    if (done) {
      ++moved;
      const auto lock = heads.lock();
      writer.publish(heads);
    } else if (is_damage(done.error())) {
      writer.discard();  // its page is spoilt: it stays where it is, and is named again
    } else {
      return done.error();
    }
  }
  return moved;
}

}  // namespace

Result<std::uint64_t> set_aside_damage(const fs::path& folder, const VerifyReport& report) {
  const SamplesFiles files = SamplesFiles::in(folder);
  DamagedChunks damaged;
  bool is_file_sound = true;
  bool has_samples_damage = false;
  for (const Damage& damage : report.damages) {
    if (damage.piece == Damage::Piece::kChunk) {
      damaged.emplace(damage.id, damage.reason);
    } else if (damage.file == files.chunks.filename()) {
      is_file_sound = false;
    } else if (damage.piece != Damage::Piece::kNone) {
      has_samples_damage = true;
    }
  }
  std::uint64_t moved = 0;
  if (!is_file_sound) {
    MW_ASSIGN(moved, rewrite_chunks(folder, damaged));
  } else if (!damaged.empty()) {
    MW_ASSIGN(moved, move_chunks_aside(files.chunks, damaged));
  }
  if (has_samples_damage) {
    MW_ASSIGN(const std::uint64_t more, set_aside_in_samples(files.samples, report));
    moved += more;
  }
  return moved;
}

}  // namespace millwright
