#pragma once
/// What happened to a device, what looked unusual, and what a model says.

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/metric.h"

namespace millwright {

struct Event {
  std::int64_t id = 0;  ///< given by the store
  DeviceId device;
  std::string kind;  ///< status_changed, gap, registered, updated, journal_replaced, quarantined
  std::string message;
  Timestamp at{};
};

/// A span in which a metric behaved unlike itself.
struct Anomaly {
  std::int64_t id = 0;  ///< given by the store; 0 for a new one
  SeriesId series{};
  MetricKey key;
  std::string kind;  ///< "point", "level_shift" ...: ml/anomaly/streaming_detector.h
  Timestamp start{};
  std::optional<Timestamp> end;  ///< missing while it is open
  double severity = 0;           ///< robust standard deviations
  std::string reason;            ///< in words, with numbers and unit
};

enum class PredictionKind { kFaultClass, kRemainingUsefulLife };

/// Why a remaining useful life has neither a value nor a lower bound.
enum class NoLife {
  kNotApplicable = 0,  ///< no degradation that could be extrapolated
  kPending = 1,        ///< too little has been seen yet
  kError = 2,          ///< something is wrong: the reason says what, and the next step
};

/// The verdict of a model on one component.
struct Prediction {
  DeviceId device;
  Path path;
  PredictionKind kind = PredictionKind::kFaultClass;
  std::string model;
  std::string version;
  Timestamp at{};
  std::optional<std::string> predicted;  ///< fault class
  std::optional<double> probability;     ///< of that class, 0 to 1
  std::optional<double> value;           ///< remaining useful life, in `unit`; missing: "more than
                                         ///< `lower`", or nothing to extrapolate without it
  std::optional<double> lower;
  std::optional<double> upper;
  std::string unit;
  std::string reason;
  NoLife no_life = NoLife::kNotApplicable;  ///< says something only without value and lower
};

/// Of earlier predictions of one (device, path, kind, model) the first of each hour is kept, so
/// long before the newest of them.
inline constexpr std::chrono::hours kPredictionHistory{180 * 24};

}  // namespace millwright
