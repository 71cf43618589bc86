#include "analytics/model_window.h"

#include <algorithm>
#include <map>

namespace millwright {
namespace {

constexpr std::size_t kBurstsLookedAt = 64;

/// What stands before the input's name: "vibration.gear1." of "vibration.gear1.x_axis".
std::optional<std::string> prefix_of(const std::string& metric, const std::string& input) {
  if (metric == input) return std::string();
  if (!metric.ends_with("." + input)) return std::nullopt;
  return metric.substr(0, metric.size() - input.size());
}

/// Number of samples of the burst before an instant.
std::size_t length_before(const Waveform& burst, std::int64_t end_us) {
  std::size_t length = burst.value.size();
  while (length > 0 && burst.time_us(length - 1) >= end_us) --length;
  return length;
}

Result<std::optional<ModelWindow>> newest_burst(SampleStore& samples,
                                                std::span<const Metric> inputs,
                                                std::size_t window_size, TimeRange range) {
  // Bursts by their start; one that every input has is complete.
  std::map<std::int64_t, std::vector<Waveform>> bursts;
  for (const Metric& input : inputs) {
    MW_ASSIGN(auto blocks, samples.waveforms(input.series, range, kBurstsLookedAt));
    for (auto& block : blocks) bursts[block.start_us].push_back(std::move(block));
  }
  for (auto burst = bursts.rbegin(); burst != bursts.rend(); ++burst) {
    const auto& axes = burst->second;
    if (axes.size() != inputs.size()) continue;
    std::size_t length = axes.front().value.size();
    for (const auto& axis : axes) length = std::min(length, length_before(axis, range.end_us));
    if (length < window_size) continue;
    ModelWindow window;
    window.sample_rate_hz = axes.front().sample_rate_hz;
    for (const auto& axis : axes) {
      const auto end = axis.value.begin() + static_cast<std::ptrdiff_t>(length);
      window.inputs.emplace_back(end - static_cast<std::ptrdiff_t>(window_size), end);
    }
    return std::optional(std::move(window));
  }
  return std::optional<ModelWindow>();
}

/// The newest samples of a series, at least `wanted` where the range has them.
Result<SampleColumns> newest_samples(SampleStore& samples, SeriesId series, TimeRange range,
                                     std::size_t wanted) {
  TimeRange span = range;
  std::int64_t width_us = 1'000'000;
  for (;; width_us *= 2) {
    span.start_us = std::max(range.start_us, range.end_us - width_us);
    MW_ASSIGN(const auto count, samples.count(series, span));
    if (count >= wanted || span.start_us == range.start_us) {
      return samples.read(series, span, 2 * count + 1'000);  // more may have come since
    }
  }
}

/// Values of all inputs at the times that all of them have, ascending.
std::map<std::int64_t, std::vector<double>> rows_of(std::span<const SampleColumns> columns) {
  std::map<std::int64_t, std::vector<double>> rows;
  for (const auto& column : columns) {
    for (std::size_t i = 0; i < column.size(); ++i) {
      rows[column.timestamp_us[i]].push_back(column.value[i]);
    }
  }
  std::erase_if(rows, [&](const auto& row) { return row.second.size() != columns.size(); });
  return rows;
}

bool is_evenly_spaced(std::span<const std::int64_t> times) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
  const std::int64_t longest = *std::max_element(steps.begin(), steps.end());
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return 2 * longest <= 3 * *middle;
}

Result<std::optional<ModelWindow>> newest_run(SampleStore& samples, std::span<const Metric> inputs,
                                              std::size_t window_size, TimeRange range) {
  std::vector<SampleColumns> columns;
  for (const Metric& input : inputs) {
    MW_ASSIGN(auto column, newest_samples(samples, input.series, range, 2 * window_size));
    columns.push_back(std::move(column));
  }
  const auto rows = rows_of(columns);
  if (rows.size() < window_size || window_size == 0) return std::optional<ModelWindow>();
  ModelWindow window;
  window.inputs.resize(inputs.size());
  std::vector<std::int64_t> times;
  const auto first = std::prev(rows.end(), static_cast<std::ptrdiff_t>(window_size));
  for (auto row = first; row != rows.end(); ++row) {
    times.push_back(row->first);
    for (std::size_t i = 0; i < inputs.size(); ++i) window.inputs[i].push_back(row->second[i]);
  }
  if (window_size == 1) return std::optional(std::move(window));
  if (!is_evenly_spaced(times)) return std::optional<ModelWindow>();
  window.sample_rate_hz = static_cast<double>(window_size - 1) * 1e6 /
                          static_cast<double>(times.back() - times.front());
  return std::optional(std::move(window));
}

}  // namespace

std::optional<std::vector<Metric>> find_inputs(std::span<const Metric> metrics, const Path& path,
                                               std::span<const std::string> inputs) {
  std::map<std::string, std::map<std::string, Metric>> sets;  // prefix, input
  for (const Metric& metric : metrics) {
    if (metric.key.path != path) continue;
    for (const auto& input : inputs) {
      if (const auto prefix = prefix_of(metric.key.metric.str(), input)) {
        sets[*prefix].emplace(input, metric);
      }
    }
  }
  for (const auto& [prefix, set] : sets) {
    if (set.size() != inputs.size()) continue;
    std::vector<Metric> ordered;
    for (const auto& input : inputs) ordered.push_back(set.at(input));
    return ordered;
  }
  return std::nullopt;
}

Result<std::optional<ModelWindow>> newest_window(SampleStore& samples,
                                                 std::span<const Metric> inputs,
                                                 std::size_t window_size, TimeRange range) {
  const auto are = [&](MetricType type) {
    return std::all_of(inputs.begin(), inputs.end(),
                       [&](const Metric& input) { return input.type == type; });
  };
  if (are(MetricType::kWaveform)) return newest_burst(samples, inputs, window_size, range);
  if (are(MetricType::kNumericScalar)) return newest_run(samples, inputs, window_size, range);
  return std::optional<ModelWindow>();
}

}  // namespace millwright
