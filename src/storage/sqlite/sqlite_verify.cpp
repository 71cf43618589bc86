#include "storage/sqlite/sqlite_verify.h"

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "sqlite/checked_pages.h"
#include "storage/sample_rules.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/log_record.h"
#include "storage/sqlite/pieces.h"
#include "storage/sqlite/samples_files.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSeriesASnapshot = 16;
constexpr std::size_t kMostNamedPages = 20;  // of a file; more are counted only
constexpr int kPageTries = 5;                // a running server may be writing the page
constexpr const char* kCatalog = "catalog.db";
constexpr const char* kSamples = "samples.db";
constexpr const char* kChunks = "chunks.db";

bool is_damage(const Error& error) { return error.code == ErrorCode::kDataLoss; }

std::string reason_of(const Error& error) {
  return error.detail.empty() ? error.message : error.message + " (" + error.detail + ")";
}

/// What damaged_piece() says of a piece, without the piece.
std::string bare_reason(const Error& error) {
  constexpr std::string_view kBefore = "cannot be read: ";
  const std::size_t at = error.message.find(kBefore);
  if (at == std::string::npos) return reason_of(error);
  const std::size_t begin = at + kBefore.size();
  return error.message.substr(begin, error.message.rfind(';') - begin);
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(const Bucket& a, const Bucket& b) {
  return a.count == b.count && same(a.min, b.min) && same(a.max, b.max) && same(a.sum, b.sum) &&
         same(a.first, b.first) && same(a.last, b.last);
}

Bucket stats_of(std::span<const double> values) {
  Bucket stats;
  for (const double value : values) stats.add(value);
  return stats;
}

/// Columns: first_us, last_us, version, count, min .. last.
Piece piece_of(const sqlite::Statement& row) {
  Piece piece;
  piece.first_us = row.integer(0);
  piece.last_us = row.integer(1);
  piece.version = static_cast<std::uint64_t>(row.integer(2));
  piece.stats = {static_cast<std::uint64_t>(row.integer(3)),
                 row.real(4),
                 row.real(5),
                 row.real(6),
                 row.real(7),
                 row.real(8)};
  return piece;
}

class Verifier {
 public:
  explicit Verifier(const fs::path& folder) : folder_(folder) {}

  Result<VerifyReport> run() {
    for (const char* file : {kCatalog, kSamples, kChunks}) {
      if (!fs::is_regular_file(folder_ / file)) {
        return not_found(folder_.string() + " has no " + file +
                         "; check the identifier, or let the server open the tenant once");
      }
      MW_TRY(check_pages(file));
      MW_TRY(check_structure(file));
    }
    MW_TRY(on_file(kCatalog, [&](Connection& catalog) { return read_names(catalog); }));
    MW_TRY(on_file(kChunks, [&](Connection& chunks) { return check_chunks(chunks); }));
    MW_TRY(on_file(kSamples, [&](Connection& samples) { return check_log(samples); }));
    MW_TRY(on_file(kSamples, [&](Connection& samples) { return check_waveforms(samples); }));
    MW_TRY(on_file(kSamples, [&](Connection& samples) { return check_producers(samples); }));
    for (Damage& damage : report_.damages) {
      if (!damage.series) continue;
      const auto name = names_.find(*damage.series);
      if (name != names_.end()) damage.metric = name->second;
    }
    return std::move(report_);
  }

 private:
  Damage& add(const char* file, std::string reason) {
    report_.damages.push_back({file, {}, {}, {}, {}, std::move(reason)});
    return report_.damages.back();
  }
  void add(const char* file, SeriesId series, const Piece& piece, Damage::Piece kind,
           std::string reason) {
    Damage& damage = add(file, std::move(reason));
    damage.series = series;
    damage.first_us = piece.first_us;
    damage.last_us = piece.last_us;
    damage.piece = kind;
    damage.id = piece.version;
  }
  void add(const char* file, SeriesId series, std::string reason) {
    add(file, std::move(reason)).series = series;
  }

  /// Opens the file and calls `work`; damage that stops it is noted and is no error.
  template <typename Work>
  Result<> on_file(const char* file, Work work) {
    const auto run = [&]() -> Result<> {
      MW_ASSIGN(sqlite::Database database, sqlite::Database::open_read_only(folder_ / file));
      Connection connection(std::move(database));
      return work(connection);
    };
    return tolerate(run(), file, "not all of the file can be read");
  }
  Result<> tolerate(const Result<>& done, const char* file, const std::string& what) {
    if (done) return {};
    if (!is_damage(done.error())) return done.error();
    add(file, what + ": " + reason_of(done.error()));
    return {};
  }

  Result<> check_pages(const char* file);
  Result<> check_structure(const char* file);
  Result<> read_names(Connection& catalog);

  Result<> check_chunks(Connection& chunks);
  Result<> check_series(Connection& chunks, SeriesId series);
  Result<> check_chunk(Connection& chunks, SeriesId series, const Piece& piece);
  Result<> check_log(Connection& samples);
  Result<> check_waveforms(Connection& samples);
  Result<> check_waveform_series(Connection& samples, SeriesId series);
  Result<> check_producers(Connection& samples);

  Result<bool> has_table(Connection& connection, const char* name) {
    MW_ASSIGN(
        const auto found,
        connection.integer("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name));
    return found.has_value();
  }
  Result<> count_set_aside(Connection& connection, const char* table, const char* sql) {
    MW_ASSIGN(const bool exists, has_table(connection, table));
    if (!exists) return {};
    MW_ASSIGN(const auto count, connection.integer(sql));
    report_.set_aside += static_cast<std::uint64_t>(count.value_or(0));
    return {};
  }
  /// The first column of each row.
  Result<std::vector<std::int64_t>> numbers(Connection& connection, const char* sql) {
    std::vector<std::int64_t> out;
    MW_ASSIGN(Rows rows, connection.query(sql));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) return out;
      out.push_back(rows->integer(0));
    }
  }

  void count(std::uint64_t samples, std::int64_t first_us, std::int64_t last_us) {
    report_.samples += samples;
    report_.first_us = std::min(report_.first_us.value_or(first_us), first_us);
    report_.last_us = std::max(report_.last_us.value_or(last_us), last_us);
  }

  const fs::path folder_;
  VerifyReport report_;
  std::map<SeriesId, MetricKey> names_;
  std::map<SeriesId, std::uint64_t> through_log_;
  SampleColumns columns_;
};

// Files -------------------------------------------------------------------------------------------

Result<> Verifier::check_pages(const char* file) {
  std::ifstream in(folder_ / file, std::ios::binary);
  std::array<std::uint8_t, 100> header{};
  if (!in.read(reinterpret_cast<char*>(header.data()), header.size())) {
    add(file, "the file has no header");
    return {};
  }
  if (header[20] != sqlite::kPageCheckBytes) return {};  // made before pages had checksums
  const int size = header[16] << 8 | header[17];
  std::vector<std::uint8_t> page(size == 1 ? 65'536 : static_cast<std::size_t>(size));
  if (page.size() < 512) {
    add(file, "the header names an impossible page size");
    return {};
  }
  std::size_t spoilt = 0;
  for (std::uint64_t number = 1;; ++number) {
    bool is_intact = false;
    bool is_there = false;
    for (int attempt = 0; attempt < kPageTries && !is_intact; ++attempt) {
      if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      in.clear();
      in.seekg(static_cast<std::streamoff>((number - 1) * page.size()));
      in.read(reinterpret_cast<char*>(page.data()), static_cast<std::streamsize>(page.size()));
      is_there = static_cast<std::size_t>(in.gcount()) == page.size();
      // A page that never held anything may never have been written.
      is_intact = !is_there || sqlite::is_page_intact(page, number) ||
                  std::all_of(page.begin(), page.end(), [](std::uint8_t b) { return b == 0; });
    }
    if (!is_there) break;
    ++report_.pages;
    if (!is_intact && ++spoilt <= kMostNamedPages) {
      add(file, "page " + std::to_string(number) + " is not what was written");
    }
  }
  if (spoilt > kMostNamedPages) {
    add(file, std::to_string(spoilt - kMostNamedPages) + " more pages are not what was written");
  }
  return {};
}

Result<> Verifier::check_structure(const char* file) {
  return on_file(file, [&](Connection& connection) -> Result<> {
    for (const char* check : {"PRAGMA integrity_check(20)", "PRAGMA foreign_key_check"}) {
      MW_ASSIGN(Rows rows, connection.query(check));
      while (true) {
        MW_ASSIGN(const bool more, rows.next());
        if (!more) break;
        const std::string text = rows->text(0);
        if (text != "ok") add(file, "the file's structure is damaged: " + text);
      }
    }
    return {};
  });
}

Result<> Verifier::read_names(Connection& catalog) {
  MW_ASSIGN(Rows rows, catalog.query("SELECT series, device, path, metric FROM metrics"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    const auto device = DeviceId::parse(rows->text(1));
    const auto path = Path::parse(rows->text(2));
    const auto metric = MetricId::parse(rows->text(3));
    if (!device || !path || !metric) {
      add(kCatalog, SeriesId{rows->integer(0)}, "the metric's name is no name");
      continue;
    }
    names_.emplace(SeriesId{rows->integer(0)}, MetricKey{*device, *path, *metric});
  }
}

// Chunks ------------------------------------------------------------------------------------------

Result<> Verifier::check_chunks(Connection& chunks) {
  std::set<std::int64_t> all;
  for (const auto& [series, key] : names_) all.insert(static_cast<std::int64_t>(series));
  for (const char* sql : {"SELECT series FROM series", "SELECT DISTINCT series FROM chunks"}) {
    const auto found = numbers(chunks, sql);
    if (found) {
      all.insert(found->begin(), found->end());
    } else {
      MW_TRY(tolerate(found.error(), kChunks, "not all series can be listed"));
    }
  }
  const std::vector<std::int64_t> series(all.begin(), all.end());
  for (std::size_t begin = 0; begin < series.size(); begin += kSeriesASnapshot) {
    MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(chunks));
    for (std::size_t i = begin; i < std::min(begin + kSeriesASnapshot, series.size()); ++i) {
      const SeriesId id{series[i]};
      const auto checked = check_series(chunks, id);
      if (checked) continue;
      if (!is_damage(checked.error())) return checked.error();
      add(kChunks, id, "not all chunks can be found: " + reason_of(checked.error()));
    }
  }
  MW_ASSIGN(const bool has_damaged, has_table(chunks, "damaged_chunks"));
  const char* orphans =
      has_damaged ? "SELECT version FROM chunk_data WHERE version NOT IN (SELECT version FROM "
                    "chunks) AND version NOT IN (SELECT version FROM damaged_chunks)"
                  : "SELECT version FROM chunk_data WHERE version NOT IN (SELECT version FROM "
                    "chunks)";
  MW_ASSIGN(const std::vector<std::int64_t> lost, numbers(chunks, orphans));
  if (!lost.empty()) {
    add(kChunks, std::to_string(lost.size()) +
                     " chunks belong to no metric any more (the first has version " +
                     std::to_string(lost.front()) + ")");
  }
  return count_set_aside(chunks, "damaged_chunks", "SELECT count(*) FROM damaged_chunks");
}

Result<> Verifier::check_series(Connection& chunks, SeriesId series) {
  std::vector<Piece> pieces;
  {
    MW_ASSIGN(Rows rows,
              chunks.query("SELECT first_us, last_us, version, count, min, max, sum, first, last "
                           "FROM chunks WHERE series = ? ORDER BY first_us, version",
                           static_cast<std::int64_t>(series)));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) break;
      pieces.push_back(piece_of(*rows));
    }
  }
  for (const Piece& piece : pieces) {
    ++report_.chunks;
    const auto checked = check_chunk(chunks, series, piece);
    if (!checked && !is_damage(checked.error())) return checked.error();
    if (!checked) {
      add(kChunks, series, piece, Damage::Piece::kChunk, checked.error().detail);
    } else {
      count(piece.stats.count, piece.first_us, piece.last_us);
    }
  }
  MW_ASSIGN(Rows row,
            chunks.query("SELECT through_log, at_us, span_us FROM series WHERE series = ?",
                         static_cast<std::int64_t>(series)));
  MW_ASSIGN(const bool is_known, row.next());
  if (is_known) through_log_[series] = static_cast<std::uint64_t>(row->integer(0));
  if (pieces.empty()) return {};
  std::int64_t last_us = pieces.front().last_us;
  std::int64_t span_us = 0;
  for (const Piece& piece : pieces) {
    last_us = std::max(last_us, piece.last_us);
    span_us = std::max(span_us, piece.last_us - piece.first_us);
  }
  if (!is_known) {
    add(kChunks, series, "the row that tells the newest sample and the longest chunk is missing");
  } else if (row->integer(2) < span_us) {
    add(kChunks, series, "a chunk is longer than the longest that is noted, and not always found");
  } else if (row->is_null(1) || row->integer(1) < last_us) {
    add(kChunks, series, "the newest sample that is noted is older than the newest in the chunks");
  }
  return {};
}

/// Damage comes as kDataLoss with the bare reason in `detail`.
Result<> Verifier::check_chunk(Connection& chunks, SeriesId, const Piece& piece) {
  const auto damaged = [](std::string reason) {
    return Error{ErrorCode::kDataLoss, "damaged", std::move(reason)};
  };
  const auto load = [&]() -> Result<> {
    MW_ASSIGN(Rows rows,
              chunks.query("SELECT bytes FROM chunk_data WHERE version = ?", piece.version));
    MW_ASSIGN(const bool found, rows.next());
    if (!found) return damaged("the chunk's bytes are missing");
    if (auto decoded = decode_chunk(rows->blob(0), columns_); !decoded) {
      return damaged(decoded.error().message);
    }
    return {};
  };
  if (auto loaded = load(); !loaded) {
    if (!is_damage(loaded.error())) return loaded.error();
    if (loaded.error().message == "damaged") return loaded.error();
    return damaged(reason_of(loaded.error()));
  }
  const auto& at_us = columns_.timestamp_us;
  if (at_us.empty() || at_us.front() != piece.first_us || at_us.back() != piece.last_us ||
      !std::is_sorted(at_us.begin(), at_us.end(), std::less_equal<>())) {
    return damaged("its samples do not lie where its row says");
  }
  if (!same(stats_of(columns_.value), piece.stats)) {
    return damaged("its count, minimum, maximum or sum are not those of its samples");
  }
  return {};
}

// samples.db --------------------------------------------------------------------------------------

Result<> Verifier::check_log(Connection& samples) {
  MW_ASSIGN(const std::vector<std::int64_t> ids,
            numbers(samples, "SELECT id FROM log ORDER BY id"));
  SampleBatch batch;
  for (const std::int64_t id : ids) {
    const auto read = [&]() -> Result<bool> {
      MW_ASSIGN(Rows rows, samples.query("SELECT bytes FROM log WHERE id = ?", id));
      MW_ASSIGN(const bool found, rows.next());
      if (!found) return false;  // a running server has sealed it
      MW_TRY(decode_log_record(rows->blob(0), batch));
      return true;
    }();
    if (!read) {
      if (!is_damage(read.error())) return read.error();
      Damage& damage = add(kSamples, "record " + std::to_string(id) +
                                         " of the log (newest samples of one or more metrics) "
                                         "cannot be read: " +
                                         reason_of(read.error()));
      damage.piece = Damage::Piece::kLogRecord;
      damage.id = static_cast<std::uint64_t>(id);
      continue;
    }
    if (!*read) continue;
    ++report_.log_records;
    batch.each_run([&](SeriesId series, std::span<const std::int64_t> at_us, const auto&) {
      const auto sealed = through_log_.find(series);
      const bool is_sealed =
          sealed != through_log_.end() && sealed->second >= static_cast<std::uint64_t>(id);
      if (is_sealed || at_us.empty()) return;
      const auto [first, last] = std::minmax_element(at_us.begin(), at_us.end());
      count(at_us.size(), *first, *last);
    });
  }
  return count_set_aside(samples, "damaged_log", "SELECT count(*) FROM damaged_log");
}

Result<> Verifier::check_waveforms(Connection& samples) {
  MW_ASSIGN(const std::vector<std::int64_t> all,
            numbers(samples, "SELECT DISTINCT series FROM waveforms"));
  for (const std::int64_t series : all) {
    MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(samples));
    const auto checked = check_waveform_series(samples, SeriesId{series});
    if (checked) continue;
    if (!is_damage(checked.error())) return checked.error();
    add(kSamples, SeriesId{series},
        "not all waveforms can be found: " + reason_of(checked.error()));
  }
  MW_ASSIGN(const bool has_damaged, has_table(samples, "damaged_waveforms"));
  const char* orphans =
      has_damaged ? "SELECT version FROM waveform_data WHERE version NOT IN (SELECT version FROM "
                    "waveforms) AND version NOT IN (SELECT version FROM damaged_waveforms)"
                  : "SELECT version FROM waveform_data WHERE version NOT IN (SELECT version FROM "
                    "waveforms)";
  MW_ASSIGN(const std::vector<std::int64_t> lost, numbers(samples, orphans));
  if (!lost.empty()) {
    add(kSamples, std::to_string(lost.size()) + " waveforms belong to no metric any more");
  }
  return count_set_aside(samples, "damaged_waveforms", "SELECT count(*) FROM damaged_waveforms");
}

Result<> Verifier::check_waveform_series(Connection& samples, SeriesId series) {
  std::vector<Piece> pieces;
  {
    MW_ASSIGN(Rows rows,
              samples.query("SELECT start_us, last_us, version, count, min, max, sum, first, last, "
                            "sample_rate_hz FROM waveforms WHERE series = ? ORDER BY start_us",
                            static_cast<std::int64_t>(series)));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) break;
      pieces.push_back(piece_of(*rows));
      pieces.back().kind = Piece::Kind::kWaveform;
      pieces.back().sample_rate_hz = rows->real(9);
    }
  }
  std::int64_t last_us = 0;
  std::int64_t span_us = 0;
  for (const Piece& piece : pieces) {
    ++report_.waveforms;
    last_us = std::max(last_us, piece.last_us);
    span_us = std::max(span_us, piece.last_us - piece.first_us);
    const auto block = load_waveform(samples, series, piece);
    if (!block) {
      if (!is_damage(block.error())) return block.error();
      add(kSamples, series, piece, Damage::Piece::kWaveform, bare_reason(block.error()));
    } else if (!same(stats_of(expand(*block).value), piece.stats)) {
      add(kSamples, series, piece, Damage::Piece::kWaveform,
          "its count, minimum, maximum or sum are not those of its samples");
    } else {
      count(piece.stats.count, piece.first_us, piece.last_us);
    }
  }
  MW_ASSIGN(Rows row, samples.query("SELECT at_us, span_us FROM waveform_series WHERE series = ?",
                                    static_cast<std::int64_t>(series)));
  MW_ASSIGN(const bool is_known, row.next());
  if (!is_known || row->integer(1) < span_us || row->integer(0) < last_us) {
    add(kSamples, series, "newest sample and longest waveform are not those of the waveforms");
  }
  return {};
}

/// Each epoch's watermark and chain are those of the newest row of its ledger, whose rows follow
/// one another.
Result<> Verifier::check_producers(Connection& samples) {
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(samples));
  MW_ASSIGN(Rows rows, samples.query("SELECT hex(e.epoch), e.agent FROM epochs e WHERE e.agent IS "
                                     "NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger l WHERE "
                                     "l.epoch = e.epoch AND l.end_seq = e.watermark AND "
                                     "l.chain = e.chain)"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) break;
    add(kSamples, "the watermark of agent " + quote(rows->text(1)) + " (epoch " + rows->text(0) +
                      ") is not that of its ledger");
  }
  MW_ASSIGN(const auto ahead,
            samples.integer("SELECT count(*) FROM ledger l JOIN epochs e ON e.epoch = l.epoch "
                            "WHERE l.end_seq > e.watermark OR l.base_seq > l.end_seq"));
  if (ahead.value_or(0) > 0) {
    add(kSamples, std::to_string(*ahead) + " rows of the ledger lie beyond their watermark");
  }
  return {};
}

}  // namespace

std::string to_sentence(const Damage& damage) {
  std::string out = damage.file + ": ";
  if (!damage.series) return out + damage.reason;
  if (damage.metric) {
    out += "samples of device " + quote(damage.metric->device.str());
    if (!damage.metric->path.str().empty()) out += ", path " + quote(damage.metric->path.str());
    out += ", metric " + quote(damage.metric->metric.str());
  } else {
    out += "samples of series " + std::to_string(static_cast<std::int64_t>(*damage.series));
  }
  if (damage.first_us) {
    out += " from " + format_utc(from_us(*damage.first_us)) + " to " +
           format_utc(from_us(*damage.last_us));
  }
  return out + " are damaged: " + damage.reason;
}

Result<VerifyReport> verify_tenant_folder(const fs::path& folder) { return Verifier(folder).run(); }

}  // namespace millwright
