#include "storage/sample_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace millwright {
namespace {

constexpr double kLastInstantUs = 9.0e18;  // near the end of 64 bits: the year 287,000
constexpr std::uint64_t kMaxSeq = std::numeric_limits<std::int64_t>::max();

std::string series_name(SeriesId series) {
  return "series " + std::to_string(static_cast<std::int64_t>(series));
}

Error not_finite(SeriesId series) {
  return invalid_argument(series_name(series) +
                          " has a value that is no finite number; leave such samples out");
}

Result<> check_samples(const SampleBatch& batch) {
  std::size_t announced = 0;
  for (const SeriesRun& run : batch.runs) announced += run.count;
  const SampleColumns& columns = batch.columns;
  if (columns.timestamp_us.size() != announced || columns.value.size() != announced) {
    return invalid_argument("the batch announces " + std::to_string(announced) +
                            " samples and has " + std::to_string(columns.timestamp_us.size()) +
                            " timestamps and " + std::to_string(columns.value.size()) +
                            " values; send one of each for each sample");
  }
  const auto finite = [](double v) { return std::isfinite(v); };
  if (std::all_of(columns.value.begin(), columns.value.end(), finite)) return {};
  SeriesId bad{};
  batch.each_run([&](SeriesId series, auto, std::span<const double> value) {
    if (!std::all_of(value.begin(), value.end(), finite)) bad = series;
  });
  return not_finite(bad);
}

Result<> check_waveform(const SeriesWaveform& part) {
  const Waveform& block = part.block;
  if (block.value.empty() || block.value.size() > kMaxWaveformValues) {
    return invalid_argument(series_name(part.series) + " has a waveform of " +
                            std::to_string(block.value.size()) + " values; send 1 to " +
                            std::to_string(kMaxWaveformValues));
  }
  if (!(block.sample_rate_hz > 0) || !std::isfinite(block.sample_rate_hz)) {
    return invalid_argument(series_name(part.series) + " has a waveform with sample_rate_hz " +
                            std::to_string(block.sample_rate_hz) + "; it must be above 0");
  }
  const double length_us = static_cast<double>(block.value.size()) * 1e6 / block.sample_rate_hz;
  if (!(static_cast<double>(block.start_us) + length_us < kLastInstantUs)) {
    return invalid_argument(series_name(part.series) + " has a waveform that never ends: " +
                            std::to_string(block.value.size()) + " values at sample_rate_hz " +
                            std::to_string(block.sample_rate_hz));
  }
  for (const float v : block.value) {
    if (!std::isfinite(v)) return not_finite(part.series);
  }
  return {};
}

Result<> check_sequence(const Append& append) {
  if (!append.advance) {
    if (append.dictionary.empty() && append.moved.empty()) return {};
    return invalid_argument("a dictionary or a moved mark needs the advance of its epoch");
  }
  if (append.advance->base_seq == 0 || append.advance->end_seq < append.advance->base_seq ||
      append.advance->end_seq > kMaxSeq) {
    return invalid_argument("records " + std::to_string(append.advance->base_seq) + " to " +
                            std::to_string(append.advance->end_seq) +
                            " are no span; count from 1 upwards");
  }
  return {};
}

}  // namespace

Result<> check_append(const Append& append) {
  MW_TRY(check_samples(append.samples));
  for (const SeriesWaveform& part : append.waveforms) MW_TRY(check_waveform(part));
  return check_sequence(append);
}

Result<> check_advance(const EpochAdvance& advance, std::optional<std::uint64_t> session_token,
                       const std::optional<EpochPosition>& position) {
  const std::string stream = "the stream of agent " + quote(advance.stream.agent.str());
  if (session_token != advance.session_token) {
    return Error{ErrorCode::kAborted,
                 stream + " has another session now; end this one and connect again",
                 {}};
  }
  if (position && position->stream && *position->stream != advance.stream) {
    return failed_precondition("the epoch belongs to another stream than " + stream +
                               "; begin a new epoch");
  }
  const std::uint64_t watermark = position ? position->watermark : 0;
  if (advance.base_seq != watermark + 1) {
    return Error{ErrorCode::kOutOfRange,
                 "record " + std::to_string(advance.base_seq) + " of " + stream +
                     " does not follow " + std::to_string(watermark) + "; send record " +
                     std::to_string(watermark + 1),
                 {}};
  }
  return {};
}

SampleColumns expand(const Waveform& block) {
  SampleColumns out;
  out.timestamp_us.reserve(block.value.size());
  out.value.reserve(block.value.size());
  for (std::size_t i = 0; i < block.value.size(); ++i) {
    const std::int64_t at = block.time_us(i);
    if (!out.empty() && at <= out.timestamp_us.back()) {
      out.value.back() = block.value[i];
    } else {
      out.append(at, block.value[i]);
    }
  }
  return out;
}

Error too_many_samples(std::size_t limit) {
  return resource_exhausted("the range holds more than " + std::to_string(limit) +
                            " samples; ask for a shorter range or for an aggregation");
}

Result<> check_boundaries(std::span<const std::int64_t> boundaries_us) {
  for (std::size_t i = 1; i < boundaries_us.size(); ++i) {
    if (boundaries_us[i] <= boundaries_us[i - 1]) {
      return invalid_argument("boundary " + std::to_string(i) + " at " +
                              std::to_string(boundaries_us[i]) +
                              " us is not after the one before; boundaries ascend");
    }
  }
  return {};
}

}  // namespace millwright
