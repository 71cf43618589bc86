#include "model/metric.h"

namespace millwright {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::kNumericScalar:
      return "NUMERIC_SCALAR";
    case MetricType::kWaveform:
      return "WAVEFORM";
    case MetricType::kNumericArray:
      return "NUMERIC_ARRAY";
    case MetricType::kText:
      return "TEXT";
    case MetricType::kBinary:
      return "BINARY";
    case MetricType::kEvent:
      return "EVENT";
  }
  return "NUMERIC_SCALAR";
}

}  // namespace millwright
