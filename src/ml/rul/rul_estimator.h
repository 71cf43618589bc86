#pragma once
/// From the sensors of whole units to remaining cycles. Internal to ml/rul.

#include "ml/rul/rul_features.h"
#include "ml/rul/rul_training.h"
#include "ml/rul/smooth_regression.h"
#include "ml/trees/booster.h"

namespace millwright::ml {

/// Test engines are cut off somewhere in their life; before this many cycles nobody asks.
inline constexpr std::size_t kEarliestCut = 20;

/// Rows of features, a row a cycle.
struct RulRows {
  std::vector<float> values;       ///< Shape (n, columns), row-major.
  std::vector<float> labels;       ///< Remaining cycles, capped.
  std::vector<float> weights;      ///< See train(); the mean is 1.
  std::vector<std::size_t> begin;  ///< First row of each unit; one more at the end.
};

struct RulEstimator {
  RegimeScales scales;
  HealthIndicators indicators;
  Booster trees;
  SmoothRegression smooth;

  /// Every unit counts the same, however long it lived, and its first cycles not at all: the
  /// question comes once a unit, at a random moment. units is not empty.
  static Result<RulEstimator> train(std::span<const TurbofanUnit> units, std::size_t sensors,
                                    std::uint32_t seed);

  RulRows rows_of(std::span<const TurbofanUnit> units) const;
  /// rows shape (n, columns): n estimates, each the mean of the two parts, 0 ... cap.
  Result<std::vector<double>> predict(std::span<const float> rows) const;
};

/// The settings of a row, empty where the unit has none.
std::span<const double> settings_of(const TurbofanUnit& unit, std::size_t row);

}  // namespace millwright::ml
