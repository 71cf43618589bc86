#include "storage/sqlite/pieces.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/clock.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return a < std::numeric_limits<std::int64_t>::min() + b ? std::numeric_limits<std::int64_t>::min()
                                                          : a - b;
}

/// Columns: first_us, last_us, version, count, min, max, sum, first, last.
Piece piece_of(const sqlite::Statement& row, Piece::Kind kind) {
  Piece piece;
  piece.kind = kind;
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

Error damaged_piece(SeriesId series, const Piece& piece, std::string_view reason) {
  return {ErrorCode::kDataLoss,
          "samples of series " + std::to_string(number(series)) + " from " +
              format_utc(from_us(piece.first_us)) + " to " + format_utc(from_us(piece.last_us)) +
              " cannot be read: " + std::string(reason) + "; restore them from a backup",
          {}};
}

// The longest piece that a series ever had bounds how far before a range one may begin that reaches
// into it. It is read in the same snapshot as the pieces.
Result<> find_chunks(Connection& chunks, SeriesId series, TimeRange range,
                     std::vector<Piece>& out) {
  if (range.start_us >= range.end_us) return {};
  MW_ASSIGN(const std::optional<std::int64_t> span_us,
            chunks.integer("SELECT span_us FROM series WHERE series = ?", number(series)));
  if (!span_us) return {};
  MW_ASSIGN(
      Rows rows,
      chunks.query("SELECT first_us, last_us, version, count, min, max, sum, first, last "
                   "FROM chunks WHERE series = ? AND first_us >= ? AND first_us < ? AND "
                   "last_us >= ? ORDER BY first_us, version",
                   number(series), minus(range.start_us, *span_us), range.end_us, range.start_us));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    out.push_back(piece_of(*rows, Piece::Kind::kChunk));
  }
}

Result<> find_waveforms(Connection& samples, SeriesId series, TimeRange range,
                        std::vector<Piece>& out) {
  if (range.start_us >= range.end_us) return {};
  MW_ASSIGN(
      const std::optional<std::int64_t> span_us,
      samples.integer("SELECT span_us FROM waveform_series WHERE series = ?", number(series)));
  if (!span_us) return {};
  MW_ASSIGN(
      Rows rows,
      samples.query("SELECT start_us, last_us, version, count, min, max, sum, first, last, "
                    "sample_rate_hz FROM waveforms WHERE series = ? AND start_us >= ? AND "
                    "start_us < ? AND last_us >= ? ORDER BY start_us",
                    number(series), minus(range.start_us, *span_us), range.end_us, range.start_us));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    out.push_back(piece_of(*rows, Piece::Kind::kWaveform));
    out.back().sample_rate_hz = rows->real(9);
  }
}

Result<> load_chunk(Connection& chunks, SeriesId series, const Piece& piece, TimeRange range,
                    SampleColumns& out) {
  MW_ASSIGN(Rows rows,
            chunks.query("SELECT bytes FROM chunk_data WHERE version = ?", piece.version));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return damaged_piece(series, piece, "the chunk is missing");
  const bool whole = within(piece, range);
  const auto decoded =
      whole ? decode_chunk(rows->blob(0), out) : decode_chunk(rows->blob(0), range, out);
  if (!decoded) return damaged_piece(series, piece, decoded.error().message);
  const bool as_announced = !whole || (out.size() == piece.stats.count && !out.empty() &&
                                       out.timestamp_us.front() == piece.first_us &&
                                       out.timestamp_us.back() == piece.last_us);
  if (!as_announced) return damaged_piece(series, piece, "its samples are not those announced");
  return {};
}

Result<Waveform> load_waveform(Connection& samples, SeriesId series, const Piece& piece) {
  MW_ASSIGN(Rows rows,
            samples.query("SELECT bytes FROM waveform_data WHERE version = ?", piece.version));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return damaged_piece(series, piece, "the block is missing");
  auto values = decode_waveform(rows->blob(0));
  if (!values) return damaged_piece(series, piece, values.error().message);
  Waveform block{piece.first_us, piece.sample_rate_hz, std::move(values).value()};
  if (block.value.empty() || block.time_us(block.value.size() - 1) != piece.last_us) {
    return damaged_piece(series, piece, "its samples are not those announced");
  }
  return block;
}

void Merge::add(const Piece& piece, const SampleColumns& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    all_.push_back({samples.timestamp_us[i], piece.kind, piece.version, samples.value[i]});
  }
}

void Merge::take(SampleColumns& out) {
  std::sort(all_.begin(), all_.end(), [](const Ranked& a, const Ranked& b) {
    return std::tie(a.at_us, a.kind, a.version) < std::tie(b.at_us, b.kind, b.version);
  });
  out.timestamp_us.clear();
  out.value.clear();
  for (const Ranked& sample : all_) {
    if (!out.empty() && out.timestamp_us.back() == sample.at_us) {
      out.value.back() = sample.value;
    } else {
      out.append(sample.at_us, sample.value);
    }
  }
  all_.clear();
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
