#pragma once
/// Samples as columns. Hot paths work on these and allocate nothing per sample.

#include <cstdint>
#include <vector>

namespace millwright {

/// Columns of equal length; `timestamp_us` is UTC microseconds since the epoch.
struct SampleColumns {
  std::vector<std::int64_t> timestamp_us;
  std::vector<double> value;

  std::size_t size() const { return timestamp_us.size(); }
  bool empty() const { return timestamp_us.empty(); }
  void append(std::int64_t at_us, double v) {
    timestamp_us.push_back(at_us);
    value.push_back(v);
  }
};

/// Equally spaced samples of one axis. Sample i is at start_us + i / sample_rate_hz.
struct Waveform {
  std::int64_t start_us = 0;
  double sample_rate_hz = 0;  ///< > 0; 12 and 25.6 kHz have no whole microseconds
  std::vector<float> value;

  std::int64_t time_us(std::size_t i) const {
    return start_us +
           static_cast<std::int64_t>(static_cast<double>(i) * 1e6 / sample_rate_hz + 0.5);
  }
  /// Instant after the last sample.
  std::int64_t end_us() const { return time_us(value.size()); }
};

/// Half-open: start <= t < end.
struct TimeRange {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
};

/// What a span of a series looks like without its samples. Empty when count is 0.
struct Bucket {
  std::uint64_t count = 0;
  double min = 0;
  double max = 0;
  double sum = 0;
  double first = 0;
  double last = 0;

  void add(double v) {
    if (count == 0) {
      first = min = max = v;
    } else {
      if (v < min) min = v;
      if (v > max) max = v;
    }
    sum += v;
    last = v;
    ++count;
  }
};

}  // namespace millwright
