#include "storage/postgres/sample_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>
#include <tuple>

#include "storage/postgres/hourly_rows.h"
#include "storage/sample_rules.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::CopyIn;
using postgres::Rows;

namespace {

static_assert(std::endian::native == std::endian::little, "floats are stored as they are");

std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }

std::int64_t to_limit(std::size_t limit) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return limit >= static_cast<std::size_t>(kMost) ? kMost : static_cast<std::int64_t>(limit) + 1;
}

std::vector<float> floats_of(std::string_view bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

/// Removes what samples at or before their series' newest replace.
Result<> remove_replaced(Connection& connection, const SortedSamples& samples) {
  std::vector<std::int64_t> series = samples.series;
  series.erase(std::unique(series.begin(), series.end()), series.end());
  MW_ASSIGN(const Rows rows, connection.query("SELECT series, at_us FROM heads "
                                              "WHERE series = ANY($1) ORDER BY series",
                                              series));
  std::vector<std::int64_t> late_series;
  std::vector<std::int64_t> late_at;
  std::size_t row = 0;
  for (std::size_t i = 0; i < samples.series.size(); ++i) {
    while (row < rows.size() && rows.integer(row, 0) < samples.series[i]) ++row;
    if (row == rows.size()) break;
    if (rows.integer(row, 0) != samples.series[i]) continue;
    if (samples.at_us[i] > rows.integer(row, 1)) continue;
    late_series.push_back(samples.series[i]);
    late_at.push_back(samples.at_us[i]);
  }
  if (late_at.empty()) return {};
  const auto [first, last] = std::minmax_element(late_at.begin(), late_at.end());
  MW_TRY(
      connection.run("DELETE FROM numeric_scalar_values v "
                     "USING unnest($1::bigint[], $2::bigint[]) AS late (series, at_us) "
                     "WHERE v.series = late.series AND v.at_us = late.at_us "
                     "AND v.at_us >= $3 AND v.at_us <= $4",
                     late_series, late_at, *first, *last));
  return {};
}

Result<> update_heads(Connection& connection, const SortedSamples& samples) {
  SortedSamples newest;
  for (std::size_t i = 0; i < samples.series.size(); ++i) {
    if (i + 1 < samples.series.size() && samples.series[i + 1] == samples.series[i]) continue;
    newest.series.push_back(samples.series[i]);
    newest.at_us.push_back(samples.at_us[i]);
    newest.value.push_back(samples.value[i]);
  }
  MW_TRY(connection.run(
      "INSERT INTO heads SELECT *, 0 FROM unnest($1::bigint[], $2::bigint[], "
      "$3::double precision[]) ON CONFLICT (series) DO UPDATE SET at_us = excluded.at_us, "
      "value = excluded.value, sample_rate_hz = 0 WHERE excluded.at_us >= heads.at_us",
      newest.series, newest.at_us, newest.value));
  return {};
}

}  // namespace

std::vector<std::int64_t> numbers(std::span<const SeriesId> series) {
  std::vector<std::int64_t> out;
  out.reserve(series.size());
  for (const SeriesId id : series) out.push_back(number(id));
  return out;
}

SortedSamples sort_samples(std::span<const SampleBatch* const> batches) {
  SortedSamples all;
  for (const SampleBatch* batch : batches) {
    batch->each_run([&](SeriesId series, auto at_us, auto value) {
      all.series.insert(all.series.end(), at_us.size(), number(series));
      all.at_us.insert(all.at_us.end(), at_us.begin(), at_us.end());
      all.value.insert(all.value.end(), value.begin(), value.end());
    });
  }
  std::vector<std::size_t> order(all.series.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(all.series[a], all.at_us[a]) < std::tie(all.series[b], all.at_us[b]);
  });
  SortedSamples out;
  for (const std::size_t i : order) {
    if (!out.series.empty() && out.series.back() == all.series[i] &&
        out.at_us.back() == all.at_us[i]) {
      out.value.back() = all.value[i];
      continue;
    }
    out.series.push_back(all.series[i]);
    out.at_us.push_back(all.at_us[i]);
    out.value.push_back(all.value[i]);
  }
  return out;
}

Result<> write_samples(Connection& connection, const SortedSamples& samples) {
  if (samples.series.empty()) return {};
  MW_TRY(remove_replaced(connection, samples));
  MW_ASSIGN(CopyIn copy, CopyIn::begin(connection,
                                       "COPY numeric_scalar_values (series, at_us, value) "
                                       "FROM STDIN (FORMAT binary)"));
  for (std::size_t i = 0; i < samples.series.size(); ++i) {
    MW_TRY(copy.row(samples.series[i], samples.at_us[i], samples.value[i]));
  }
  MW_TRY(copy.finish());
  MW_TRY(samples_changed(connection, samples));
  return update_heads(connection, samples);
}

Result<> write_waveform(Connection& connection, SeriesId series, const Waveform& block) {
  const SampleColumns samples = expand(block);
  const std::int64_t last_us = samples.timestamp_us.back();
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(block.value.data()),
                        block.value.size() * sizeof(float));
  MW_ASSIGN(const std::int64_t replaced,
            connection.run("DELETE FROM waveforms WHERE series = $1 AND start_us = $2",
                           number(series), block.start_us));
  MW_TRY(
      connection.run("INSERT INTO waveforms VALUES ($1, $2, nextval('waveform_versions'), $3, "
                     "$4, $5)",
                     number(series), block.start_us, last_us, block.sample_rate_hz, bytes));
  if (replaced > 0) return find_newest(connection, {number(series)});
  MW_TRY(connection.run(
      "INSERT INTO heads VALUES ($1, $2, $3, $4) ON CONFLICT (series) DO UPDATE SET at_us = $2, "
      "value = $3, sample_rate_hz = $4 WHERE $2 >= heads.at_us",
      number(series), last_us, samples.value.back(), block.sample_rate_hz));
  return {};
}

Result<> find_newest(Connection& connection, const std::vector<std::int64_t>& series) {
  for (const std::int64_t id : series) {
    MW_TRY(connection.run("DELETE FROM heads WHERE series = $1", id));
    MW_TRY(
        connection.run("INSERT INTO heads SELECT series, at_us, value, 0 "
                       "FROM numeric_scalar_values WHERE series = $1 "
                       "ORDER BY at_us DESC LIMIT 1",
                       id));
    MW_ASSIGN(const Rows rows,
              connection.query("SELECT last_us, sample_rate_hz, values_f4 FROM waveforms "
                               "WHERE series = $1 ORDER BY last_us DESC, version DESC LIMIT 1",
                               id));
    if (rows.empty()) continue;
    const std::vector<float> values = floats_of(rows.bytes(0, 2));
    MW_TRY(connection.run(
        "INSERT INTO heads VALUES ($1, $2, $3, $4) ON CONFLICT (series) DO UPDATE SET at_us = $2, "
        "value = $3, sample_rate_hz = $4 WHERE $2 >= heads.at_us",
        id, rows.integer(0, 0), double{values.back()}, rows.real(0, 1)));
  }
  return {};
}

Result<std::vector<StoredBlock>> load_blocks(Connection& connection, SeriesId series,
                                             TimeRange range) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT version, start_us, sample_rate_hz, values_f4 FROM waveforms "
                             "WHERE series = $1 AND start_us < $3 AND last_us >= $2 "
                             "ORDER BY start_us",
                             number(series), range.start_us, range.end_us));
  std::vector<StoredBlock> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back({static_cast<std::uint64_t>(rows.integer(i, 0)),
                   {rows.integer(i, 1), rows.real(i, 2), floats_of(rows.bytes(i, 3))}});
  }
  return out;
}

Result<SampleColumns> load(Connection& connection, SeriesId series, TimeRange range,
                           std::size_t limit) {
  MW_ASSIGN(const std::vector<StoredBlock> blocks, load_blocks(connection, series, range));
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT at_us, value FROM numeric_scalar_values WHERE series = $1 "
                             "AND at_us >= $2 AND at_us < $3 ORDER BY at_us LIMIT $4",
                             number(series), range.start_us, range.end_us, to_limit(limit)));
  std::vector<std::tuple<std::int64_t, std::uint64_t, double>> all;  // time, version, value
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.emplace_back(rows.integer(i, 0), 0, rows.real(i, 1));
  }
  for (const StoredBlock& stored : blocks) {
    const SampleColumns samples = expand(stored.block);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::int64_t at = samples.timestamp_us[i];
      if (range.start_us <= at && at < range.end_us) {
        all.emplace_back(at, stored.version, samples.value[i]);
      }
    }
  }
  if (!blocks.empty()) std::sort(all.begin(), all.end());
  SampleColumns out;
  for (const auto& [at, version, value] : all) {
    if (!out.empty() && out.timestamp_us.back() == at) {
      out.value.back() = value;
    } else {
      out.append(at, value);
    }
  }
  if (out.size() > limit) return too_many_samples(limit);
  return out;
}

}  // namespace millwright::pg
