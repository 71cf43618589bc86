#pragma once
/// The sentences that tell people why a value is unusual.

#include <cstdint>
#include <string>

#include "ml/anomaly/stream_state.h"

namespace millwright::ml::detail {

/// "41.2 °C"; four significant digits.
std::string with_unit(double value, const std::string& unit);
/// "12 s", "25 min", "3.5 h", "2.1 d".
std::string duration_words(std::int64_t microseconds);

/// While it is open. `value` is the sample that is judged, in the metric's unit.
std::string open_reason(const DetectorOptions& options, const StreamState& state, double value);
enum class Ending { kCalm, kNewNormal, kTooOften };
/// When it has closed.
std::string closed_reason(const DetectorOptions& options, const StreamState& state, Ending ending);

}  // namespace millwright::ml::detail
