#include "storage/sqlite/chunk_writer.h"

#include <algorithm>
#include <limits>

#include "storage/sqlite/page_packing.h"
#include "storage/sqlite/samples_files.h"

namespace millwright {
namespace {

/// Of a row beside its bytes: the cell's place, its lengths and the version.
constexpr std::size_t kRowBytes = 20;

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

/// Distance of two instants, which may be the two ends of time.
std::uint64_t distance(std::int64_t from, std::int64_t to) {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

std::int64_t span_of(std::int64_t first_us, std::int64_t last_us) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(
      distance(first_us, last_us), std::numeric_limits<std::int64_t>::max()));
}

Bucket stats_of(std::span<const double> value) {
  Bucket stats;
  for (const double v : value) stats.add(v);
  return stats;
}

}  // namespace

Result<> ChunkWriter::load() {
  MW_ASSIGN(const std::optional<std::int64_t> highest,
            chunks_.integer("SELECT max(version) FROM chunk_data"));
  version_ = static_cast<std::uint64_t>(highest.value_or(0));
  return {};
}

void ChunkWriter::stage(SeriesId series, const SampleColumns& samples, bool late) {
  const std::span<const std::int64_t> at_us = samples.timestamp_us;
  const std::span<const double> value = samples.value;
  for (std::size_t begin = 0; begin < at_us.size();) {
    std::size_t end = begin + 1;  // of a run without a long silence
    while (end < at_us.size() && distance(at_us[end - 1], at_us[end]) <= kMaxSilenceUs) ++end;
    const std::size_t parts = (end - begin + kChunkSamples - 1) / kChunkSamples;
    for (std::size_t left = parts; left > 0; --left) {
      const std::size_t size = (end - begin + left - 1) / left;
      stage_chunk(series, at_us.subspan(begin, size), value.subspan(begin, size), late);
      begin += size;
    }
  }
}

void ChunkWriter::stage_chunk(SeriesId series, std::span<const std::int64_t> at_us,
                              std::span<const double> value, bool late) {
  Loose loose = value.size() < kLooseSamples ? Loose::kSmall : Loose::kNot;
  if (late) loose = Loose::kLate;
  (late ? staged_late_ : staged_)
      .push_back({series, at_us.front(), at_us.back(), stats_of(value), loose,
                  encoder_.encode(at_us, value)});
}

Result<std::map<SeriesId, LooseChunks>> ChunkWriter::flush() {
  std::map<SeriesId, LooseChunks> loose;
  for (const std::vector<Staged>* chunks : {&staged_, &staged_late_}) {
    std::vector<std::size_t> sizes;
    for (const Staged& chunk : *chunks) sizes.push_back(chunk.bytes.size() + kRowBytes);
    for (const std::size_t i : pack_pages(sizes, kChunkPageRoom)) {
      const Staged& chunk = (*chunks)[i];
      MW_TRY(insert(chunk));
      if (chunk.loose == Loose::kNot) continue;
      LooseChunks& of_series = loose[chunk.series];
      ++of_series.count;
      of_series.any_late = of_series.any_late || chunk.loose == Loose::kLate;
    }
  }
  discard();
  return loose;
}

void ChunkWriter::discard() {
  staged_.clear();
  staged_late_.clear();
}

Result<> ChunkWriter::insert(const Staged& chunk) {
  const std::uint64_t version = ++version_;
  MW_TRY(chunks_.run("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     number(chunk.series), chunk.first_us, version, chunk.last_us,
                     chunk.stats.count, chunk.stats.min, chunk.stats.max, chunk.stats.sum,
                     chunk.stats.first, chunk.stats.last, static_cast<std::int64_t>(chunk.loose)));
  MW_TRY(chunks_.run("INSERT INTO chunk_data VALUES (?, ?)", version,
                     std::span<const std::uint8_t>(chunk.bytes)));
  return chunks_.run(
      "INSERT INTO series VALUES (?1, 0, NULL, NULL, ?2) ON CONFLICT (series) DO UPDATE "
      "SET span_us = ?2 WHERE span_us < ?2",
      number(chunk.series), span_of(chunk.first_us, chunk.last_us));
}

Result<> ChunkWriter::remove(SeriesId series, const Piece& chunk) {
  MW_TRY(chunks_.run("DELETE FROM chunks WHERE series = ? AND first_us = ? AND version = ?",
                     number(series), chunk.first_us, chunk.version));
  return chunks_.run("DELETE FROM chunk_data WHERE version = ?", chunk.version);
}

Result<> ChunkWriter::remove_all(SeriesId series) {
  MW_TRY(
      chunks_.run("DELETE FROM chunk_data WHERE version IN "
                  "(SELECT version FROM chunks WHERE series = ?)",
                  number(series)));
  return chunks_.run("DELETE FROM chunks WHERE series = ?", number(series));
}

Result<> ChunkWriter::store_series(SeriesId series, const Newest& newest,
                                   std::uint64_t through_log) {
  std::optional<std::int64_t> at_us;
  std::optional<double> value;
  if (newest.exists && newest.sample_rate_hz == 0) {
    at_us = newest.at_us;
    value = newest.value;
  }
  return chunks_.run(
      "INSERT INTO series VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (series) DO UPDATE "
      "SET through_log = ?2, at_us = ?3, value = ?4",
      number(series), through_log, at_us, value);
}

}  // namespace millwright
