#include "storage/sqlite/pieces.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/clock.h"
#include "storage/sample_rules.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return a < std::numeric_limits<std::int64_t>::min() + b ? std::numeric_limits<std::int64_t>::min()
                                                          : a - b;
}

Error damaged(SeriesId series, const Piece& piece, std::string_view reason) {
  return {ErrorCode::kDataLoss,
          "samples of series " + std::to_string(number(series)) + " from " +
              format_utc(from_us(piece.first_us)) + " to " + format_utc(from_us(piece.last_us)) +
              " cannot be read: " + std::string(reason) + "; restore them from a backup",
          {}};
}

bool by_start(const Piece& a, const Piece& b) {
  return std::tie(a.first_us, a.version) < std::tie(b.first_us, b.version);
}

/// Columns: first_us, last_us, version, count, min, max, sum, first, last.
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

}  // namespace

Result<std::optional<Head>> find_head(Connection& connection, SeriesId series) {
  MW_ASSIGN(Rows rows, connection.query("SELECT at_us, value, sample_rate_hz, chunk_span_us, "
                                        "waveform_span_us FROM heads WHERE series = ?",
                                        number(series)));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return std::optional<Head>();
  return std::optional(
      Head{rows->integer(0), rows->real(1), rows->real(2), rows->integer(3), rows->integer(4)});
}

Result<> find_chunks(Connection& connection, SeriesId series, TimeRange range, std::int64_t span_us,
                     std::vector<Piece>& out) {
  MW_ASSIGN(Rows rows,
            connection.query("SELECT first_us, last_us, version, count, min, max, sum, first, last "
                             "FROM chunks WHERE series = ? AND first_us >= ? AND first_us < ? AND "
                             "last_us >= ? ORDER BY first_us, version",
                             number(series), minus(range.start_us, span_us), range.end_us,
                             range.start_us));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    out.push_back(piece_of(*rows));
  }
}

Result<> find_waveforms(Connection& connection, SeriesId series, TimeRange range,
                        std::int64_t span_us, std::vector<Piece>& out) {
  MW_ASSIGN(Rows rows,
            connection.query(
                "SELECT start_us, last_us, version, count, min, max, sum, first, last, "
                "sample_rate_hz FROM waveforms WHERE series = ? AND start_us >= ? AND "
                "start_us < ? AND last_us >= ? ORDER BY start_us",
                number(series), minus(range.start_us, span_us), range.end_us, range.start_us));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    out.push_back(piece_of(*rows));
    out.back().sample_rate_hz = rows->real(9);
  }
}

Result<std::vector<Piece>> find_pieces(Connection& connection, SeriesId series, TimeRange range) {
  std::vector<Piece> out;
  if (range.start_us >= range.end_us) return out;
  MW_ASSIGN(const std::optional<Head> head, find_head(connection, series));
  if (!head) return out;
  MW_TRY(find_chunks(connection, series, range, head->chunk_span_us, out));
  const std::size_t chunks = out.size();
  MW_TRY(find_waveforms(connection, series, range, head->waveform_span_us, out));
  if (chunks != 0 && chunks != out.size()) std::sort(out.begin(), out.end(), by_start);
  return out;
}

Result<Waveform> load_waveform(Connection& connection, SeriesId series, const Piece& piece) {
  MW_ASSIGN(Rows rows,
            connection.query("SELECT bytes FROM waveform_data WHERE version = ?", piece.version));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return damaged(series, piece, "the block is missing");
  auto values = decode_waveform(rows->blob(0));
  if (!values) return damaged(series, piece, values.error().message);
  return Waveform{piece.first_us, piece.sample_rate_hz, std::move(values).value()};
}

Result<> load_piece(Connection& connection, SeriesId series, const Piece& piece,
                    SampleColumns& out) {
  if (piece.is_waveform()) {
    MW_ASSIGN(const Waveform block, load_waveform(connection, series, piece));
    out = expand(block);
  } else {
    MW_ASSIGN(Rows rows,
              connection.query("SELECT bytes FROM chunk_data WHERE version = ?", piece.version));
    MW_ASSIGN(const bool found, rows.next());
    if (!found) return damaged(series, piece, "the chunk is missing");
    if (auto decoded = decode_chunk(rows->blob(0), out); !decoded) {
      return damaged(series, piece, decoded.error().message);
    }
  }
  const bool as_announced = out.size() == piece.stats.count && !out.empty() &&
                            out.timestamp_us.front() == piece.first_us &&
                            out.timestamp_us.back() == piece.last_us;
  if (!as_announced) return damaged(series, piece, "its samples are not those announced");
  return {};
}

Result<> load_merged(Connection& connection, SeriesId series, std::span<const Piece> pieces,
                     SampleColumns& out) {
  if (pieces.size() == 1) return load_piece(connection, series, pieces.front(), out);
  struct Versioned {
    std::int64_t at_us;
    std::uint64_t version;
    double value;
  };
  std::vector<Versioned> all;
  SampleColumns samples;
  for (const Piece& piece : pieces) {
    MW_TRY(load_piece(connection, series, piece, samples));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      all.push_back({samples.timestamp_us[i], piece.version, samples.value[i]});
    }
  }
  std::sort(all.begin(), all.end(), [](const Versioned& a, const Versioned& b) {
    return std::tie(a.at_us, a.version) < std::tie(b.at_us, b.version);
  });
  out.timestamp_us.clear();
  out.value.clear();
  for (const Versioned& sample : all) {
    if (!out.empty() && out.timestamp_us.back() == sample.at_us) {
      out.value.back() = sample.value;
    } else {
      out.append(sample.at_us, sample.value);
    }
  }
  return {};
}

std::span<const Piece> first_cluster(std::span<const Piece> pieces) {
  std::int64_t reach = pieces.front().last_us;
  std::size_t size = 1;
  while (size < pieces.size() && pieces[size].first_us <= reach) {
    reach = std::max(reach, pieces[size].last_us);
    ++size;
  }
  return pieces.first(size);
}

}  // namespace millwright
