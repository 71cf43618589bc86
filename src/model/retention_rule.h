#pragma once
/// How long samples are kept.

#include <chrono>
#include <optional>

#include "base/ids.h"
#include "model/metric.h"

namespace millwright {

/// Which metrics a rule is for; everything that is left open means all.
struct RetentionScope {
  std::optional<DeviceId> device;
  Path path;                       ///< this place and all below it
  std::optional<MetricId> metric;  ///< `vibration` means `vibration.x_axis` as well
  bool waveforms_only = false;
  friend auto operator<=>(const RetentionScope&, const RetentionScope&) = default;
};

struct RetentionRule {
  RetentionScope scope;
  std::chrono::hours keep{0};  ///< 0: for ever
};

}  // namespace millwright
