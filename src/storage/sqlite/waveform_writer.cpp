#include "storage/sqlite/waveform_writer.h"

#include <algorithm>

#include "storage/sample_rules.h"
#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

}  // namespace

Result<> WaveformWriter::load(SeriesHeads& heads) {
  MW_ASSIGN(const std::optional<std::int64_t> highest,
            samples_.integer("SELECT max(version) FROM waveform_data"));
  version_ = static_cast<std::uint64_t>(highest.value_or(0));
  MW_ASSIGN(Rows rows, samples_.query("SELECT series, at_us, value, sample_rate_hz, span_us "
                                      "FROM waveform_series"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    const SeriesId series{rows->integer(0)};
    const Newest newest{rows->integer(1), rows->real(2), rows->real(3), true};
    series_[series] = {newest, rows->integer(4)};
    heads.set_waveform(series, newest);
  }
}

WaveformWriter::Series WaveformWriter::series_of(SeriesId series) const {
  if (const auto found = changed_.find(series); found != changed_.end()) return found->second;
  if (const auto found = series_.find(series); found != series_.end()) return found->second;
  return {};
}

Result<> WaveformWriter::change(SeriesId series, const Series& changed) {
  const Newest& newest = changed.newest;
  changed_[series] = changed;
  if (!newest.exists) {
    return samples_.run("DELETE FROM waveform_series WHERE series = ?", number(series));
  }
  return samples_.run("INSERT OR REPLACE INTO waveform_series VALUES (?, ?, ?, ?, ?)",
                      number(series), newest.at_us, newest.value, newest.sample_rate_hz,
                      changed.span_us);
}

Result<> WaveformWriter::write(SeriesId series, const Waveform& block) {
  Series changed = series_of(series);
  if (changed.newest.exists) {
    MW_ASSIGN(const std::optional<std::int64_t> same,
              samples_.integer("SELECT version FROM waveforms WHERE series = ? AND start_us = ?",
                               number(series), block.start_us));
    if (same) {
      Piece old;
      old.first_us = block.start_us;
      old.version = static_cast<std::uint64_t>(*same);
      MW_TRY(remove(series, old));
      MW_TRY(find_newest(series));
      changed = series_of(series);
    }
  }
  const SampleColumns samples = expand(block);
  Bucket stats;
  for (const double v : samples.value) stats.add(v);
  const std::int64_t last_us = samples.timestamp_us.back();
  const std::uint64_t version = ++version_;
  MW_TRY(samples_.run("INSERT INTO waveforms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      number(series), block.start_us, version, last_us, block.end_us(),
                      block.sample_rate_hz, stats.count, stats.min, stats.max, stats.sum,
                      stats.first, stats.last));
  const Bytes bytes = encode_waveform(block.value);
  MW_TRY(samples_.run("INSERT INTO waveform_data VALUES (?, ?)", version,
                      std::span<const std::uint8_t>(bytes)));
  changed.span_us = std::max(changed.span_us, last_us - block.start_us);
  if (!changed.newest.exists || last_us >= changed.newest.at_us) {
    changed.newest = {last_us, samples.value.back(), block.sample_rate_hz, true};
  }
  return change(series, changed);
}

Result<> WaveformWriter::remove(SeriesId series, const Piece& block) {
  MW_TRY(samples_.run("DELETE FROM waveforms WHERE series = ? AND start_us = ?", number(series),
                      block.first_us));
  return samples_.run("DELETE FROM waveform_data WHERE version = ?", block.version);
}

Result<> WaveformWriter::remove_all(SeriesId series) {
  if (!series_of(series).newest.exists) return {};
  MW_TRY(
      samples_.run("DELETE FROM waveform_data WHERE version IN "
                   "(SELECT version FROM waveforms WHERE series = ?)",
                   number(series)));
  MW_TRY(samples_.run("DELETE FROM waveforms WHERE series = ?", number(series)));
  return change(series, {});
}

Result<> WaveformWriter::find_newest(SeriesId series) {
  Series changed = series_of(series);
  changed.newest = {};
  {
    MW_ASSIGN(Rows rows, samples_.query("SELECT last_us, last, sample_rate_hz FROM waveforms "
                                        "WHERE series = ? ORDER BY last_us DESC, version DESC "
                                        "LIMIT 1",
                                        number(series)));
    MW_ASSIGN(const bool found, rows.next());
    if (found) changed.newest = {rows->integer(0), rows->real(1), rows->real(2), true};
  }
  return change(series, changed);
}

void WaveformWriter::publish(SeriesHeads& heads) {
  for (const auto& [series, changed] : changed_) {
    series_[series] = changed;
    heads.set_waveform(series, changed.newest);
  }
  changed_.clear();
}

}  // namespace millwright
