#include "storage/sqlite/piece_writer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "storage/sample_rules.h"
#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

/// Distance of two instants, which may be the two ends of time.
std::uint64_t distance(std::int64_t from, std::int64_t to) {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

std::int64_t span_of(std::int64_t first_us, std::int64_t last_us) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(
      distance(first_us, last_us), std::numeric_limits<std::int64_t>::max()));
}

bool ascends(std::span<const std::int64_t> at_us) {
  return std::adjacent_find(at_us.begin(), at_us.end(), std::greater_equal<>()) == at_us.end();
}

Bucket stats_of(std::span<const double> value) {
  Bucket stats;
  for (const double v : value) stats.add(v);
  return stats;
}

}  // namespace

Result<> PieceWriter::load() {
  for (const char* sql :
       {"SELECT max(version) FROM chunk_data", "SELECT max(version) FROM waveform_data",
        "SELECT max(advanced) FROM epochs"}) {
    MW_ASSIGN(const std::optional<std::int64_t> highest, connection_.integer(sql));
    version_ = std::max(version_, static_cast<std::uint64_t>(highest.value_or(0)));
  }
  return {};
}

// Chunks ------------------------------------------------------------------------------------------

Result<std::size_t> PieceWriter::write(SeriesId series, const SampleColumns& samples) {
  if (samples.empty()) return std::size_t{0};
  std::span<const std::int64_t> at_us = samples.timestamp_us;
  std::span<const double> value = samples.value;
  if (!ascends(at_us)) {
    order_.resize(samples.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return at_us[a] < at_us[b]; });
    sorted_.timestamp_us.clear();
    sorted_.value.clear();
    for (const std::uint32_t i : order_) {
      if (!sorted_.empty() && sorted_.timestamp_us.back() == at_us[i]) {
        sorted_.value.back() = value[i];
      } else {
        sorted_.append(at_us[i], value[i]);
      }
    }
    at_us = sorted_.timestamp_us;
    value = sorted_.value;
  }
  std::optional<Head> head = heads_.pending(series);
  const bool late = head && at_us.front() <= head->at_us;
  if (!head) head = Head{std::numeric_limits<std::int64_t>::min(), 0, 0, 0, 0};
  MW_ASSIGN(const std::size_t loose, write_ascending(series, at_us, value, late, *head));
  if (at_us.back() >= head->at_us) {
    head->at_us = at_us.back();
    head->value = value.back();
    head->sample_rate_hz = 0;
  }
  heads_.change(series, *head);
  return loose;
}

Result<std::size_t> PieceWriter::write_ascending(SeriesId series,
                                                 std::span<const std::int64_t> at_us,
                                                 std::span<const double> value, bool late,
                                                 Head& head) {
  std::size_t loose = 0;
  for (std::size_t begin = 0; begin < at_us.size();) {
    std::size_t end = begin + 1;  // of a run without a long silence
    while (end < at_us.size() && distance(at_us[end - 1], at_us[end]) <= kMaxSilenceUs) ++end;
    const std::size_t parts = (end - begin + kChunkSamples - 1) / kChunkSamples;
    for (std::size_t left = parts; left > 0; --left) {
      const std::size_t size = (end - begin + left - 1) / left;
      const auto chunk_at = at_us.subspan(begin, size);
      MW_ASSIGN(const bool is_loose,
                write_chunk(series, chunk_at, value.subspan(begin, size), late));
      loose += is_loose ? 1 : 0;
      head.chunk_span_us = std::max(head.chunk_span_us, span_of(chunk_at.front(), chunk_at.back()));
      begin += size;
    }
  }
  return loose;
}

Result<bool> PieceWriter::write_chunk(SeriesId series, std::span<const std::int64_t> at_us,
                                      std::span<const double> value, bool late) {
  const std::uint64_t version = next_version();
  const Bucket stats = stats_of(value);
  const bool loose = late || value.size() < kLooseSamples;
  MW_TRY(connection_.run("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         number(series), at_us.front(), version, at_us.back(), stats.count,
                         stats.min, stats.max, stats.sum, stats.first, stats.last, loose ? 1 : 0));
  const std::span<const std::uint8_t> bytes = encoder_.encode(at_us, value);
  MW_TRY(connection_.run("INSERT INTO chunk_data VALUES (?, ?)", version, bytes));
  return loose;
}

Result<std::size_t> PieceWriter::replace(SeriesId series, std::span<const Piece> chunks,
                                         const SampleColumns& joined) {
  for (const Piece& chunk : chunks) {
    MW_TRY(connection_.run("DELETE FROM chunks WHERE series = ? AND first_us = ? AND version = ?",
                           number(series), chunk.first_us, chunk.version));
    MW_TRY(connection_.run("DELETE FROM chunk_data WHERE version = ?", chunk.version));
  }
  std::optional<Head> head = heads_.pending(series);
  MW_CHECK(head.has_value());  // the series has chunks
  MW_ASSIGN(const std::size_t loose,
            write_ascending(series, joined.timestamp_us, joined.value, false, *head));
  heads_.change(series, *head);
  return loose;
}

// Waveforms ---------------------------------------------------------------------------------------

Result<> PieceWriter::write(SeriesId series, const Waveform& block) {
  std::optional<Head> head = heads_.pending(series);
  if (head) {
    MW_ASSIGN(const std::optional<std::int64_t> same,
              connection_.integer("SELECT version FROM waveforms WHERE series = ? AND start_us = ?",
                                  number(series), block.start_us));
    if (same) {
      MW_TRY(remove_waveform(series, block.start_us, static_cast<std::uint64_t>(*same)));
      MW_TRY(find_head_again(series));
      head = heads_.pending(series);
    }
  }
  const SampleColumns samples = expand(block);
  const Bucket stats = stats_of(samples.value);
  const std::int64_t last_us = samples.timestamp_us.back();
  const std::uint64_t version = next_version();
  MW_TRY(connection_.run("INSERT INTO waveforms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         number(series), block.start_us, version, last_us, block.end_us(),
                         block.sample_rate_hz, stats.count, stats.min, stats.max, stats.sum,
                         stats.first, stats.last));
  const Bytes bytes = encode_waveform(block.value);
  MW_TRY(connection_.run("INSERT INTO waveform_data VALUES (?, ?)", version,
                         std::span<const std::uint8_t>(bytes)));
  if (!head) head = Head{std::numeric_limits<std::int64_t>::min(), 0, 0, 0, 0};
  head->waveform_span_us = std::max(head->waveform_span_us, span_of(block.start_us, last_us));
  if (last_us >= head->at_us) {
    head->at_us = last_us;
    head->value = samples.value.back();
    head->sample_rate_hz = block.sample_rate_hz;
  }
  heads_.change(series, *head);
  return {};
}

Result<> PieceWriter::remove_waveform(SeriesId series, std::int64_t start_us,
                                      std::uint64_t version) {
  MW_TRY(connection_.run("DELETE FROM waveforms WHERE series = ? AND start_us = ?", number(series),
                         start_us));
  return connection_.run("DELETE FROM waveform_data WHERE version = ?", version);
}

/// After blocks are gone: the newest sample of what is left.
Result<> PieceWriter::find_head_again(SeriesId series) {
  std::optional<Head> head = heads_.pending(series);
  if (!head) return {};
  MW_ASSIGN(Rows rows,
            connection_.query("SELECT last_us, version, last, 0.0 FROM chunks WHERE series = ?1 "
                              "UNION ALL SELECT last_us, version, last, sample_rate_hz "
                              "FROM waveforms WHERE series = ?1 "
                              "ORDER BY last_us DESC, version DESC LIMIT 1",
                              number(series)));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) {
    heads_.remove(series);
    return {};
  }
  head->at_us = rows->integer(0);
  head->value = rows->real(2);
  head->sample_rate_hz = rows->real(3);
  heads_.change(series, *head);
  return {};
}

Result<> PieceWriter::remove(SeriesId series) {
  const std::int64_t id = number(series);
  MW_TRY(
      connection_.run("DELETE FROM chunk_data WHERE version IN "
                      "(SELECT version FROM chunks WHERE series = ?)",
                      id));
  MW_TRY(connection_.run("DELETE FROM chunks WHERE series = ?", id));
  MW_TRY(
      connection_.run("DELETE FROM waveform_data WHERE version IN "
                      "(SELECT version FROM waveforms WHERE series = ?)",
                      id));
  MW_TRY(connection_.run("DELETE FROM waveforms WHERE series = ?", id));
  heads_.remove(series);
  return {};
}

}  // namespace millwright
