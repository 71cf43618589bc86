#pragma once
/// One measured quantity of a device, and the series of its samples.

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace millwright {

enum class MetricType {
  kNumericScalar = 1,
  kWaveform = 2,
  kNumericArray = 3,
  kText = 4,
  kBinary = 5,
  kEvent = 6,
};

/// "NUMERIC_SCALAR", "WAVEFORM" ... as the analytics API spells them.
std::string_view to_string(MetricType type);

/// A metric is what it is by its place: the same identifier at another path is another metric.
struct MetricKey {
  DeviceId device;
  Path path;
  MetricId metric;
  friend auto operator<=>(const MetricKey&, const MetricKey&) = default;
};

/// Number of a series inside one tenant's store; never reused.
enum class SeriesId : std::int64_t {};

struct Metric {
  SeriesId series{};
  MetricKey key;
  std::string unit;
  std::string display_name;
  MetricType type = MetricType::kNumericScalar;
};

}  // namespace millwright
