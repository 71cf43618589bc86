#pragma once
/// The part of a machine that a model judges: metrics at one path that belong together.

#include <compare>
#include <optional>
#include <span>
#include <string>

#include "model/metric.h"

namespace millwright {

/// `prefix` is what the identifiers of its metrics begin with: "vibration.gear1." or nothing.
struct Component {
  DeviceId device;
  Path path;
  std::string prefix;
  friend auto operator<=>(const Component&, const Component&) = default;
};

struct InputPlace {
  Component component;
  std::size_t input = 0;  ///< index into the inputs
};

/// Which input of which component a metric is: the one whose name is the identifier or its last
/// labels. Missing for a metric that is none.
std::optional<InputPlace> place_of(const MetricKey& key, std::span<const std::string> inputs);

}  // namespace millwright
