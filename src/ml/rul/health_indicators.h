#pragma once
/// Health indicators: weighted sums of sensors that show wear with less noise than each sensor.
/// Internal to ml/rul.
///
/// The first is the ridge regression of the remaining life on the z-scores of single cycles, so
/// that a noisy sensor weighs little; the others are the first principal components of the smoothed
/// z-scores, which tell kinds of wear apart. Sources: T. Wang et al. (2008), A similarity-based
/// prognostics approach for RUL estimation; I. Jolliffe (2002), Principal Component Analysis.
/// Immutable once fitted: safe to call from any thread.

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

class HealthIndicators {
 public:
  /// raw, smoothed shape (n, sensors), row-major z-scores; labels shape (n,), n > 0. Each
  /// indicator has unit deviation over the smoothed rows. O(n sensors^2).
  static HealthIndicators fit(std::span<const double> raw, std::span<const double> smoothed,
                              std::span<const float> labels, std::size_t sensors);

  std::size_t count() const { return weights_.size(); }
  double weight(std::size_t indicator, std::size_t sensor) const {
    return weights_[indicator][sensor];
  }
  /// z shape (sensors,).
  double value(std::size_t indicator, std::span<const double> z) const;

  nlohmann::json to_json() const { return weights_; }
  /// Errors: kInvalidArgument when the shape is wrong or a weight is not finite.
  static Result<HealthIndicators> from_json(const nlohmann::json& json, std::size_t sensors);

 private:
  std::vector<std::vector<double>> weights_;
};

}  // namespace millwright::ml
