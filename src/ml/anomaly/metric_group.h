#pragma once
/// Watches several metrics of one machine together: unusual is what their usual relation does not
/// explain, even where each metric alone is within its range.
///
/// A multivariate exponentially weighted moving average (C. Lowry et al. 1992): rows are scaled by
/// the usual scatter, smoothed, and their distance from the usual is measured by the covariance of
/// the smoothed rows (Mahalanobis; Hotelling's T² over all components). The limit is a multiple of
/// what was reached while learning: learning is short, and neighbouring rows resemble each other,
/// so that the largest distance to be expected is well above the largest that was seen.
///
/// Rows that are taken while learning must be of usual operation. Cost: columns² a row; state:
/// columns² numbers. Not thread-safe: one object per group.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct GroupOptions {
  double smoothing = 0.13;        ///< Weight of the newest row, in (0, 1].
  double learnt_quantile = 0.99;  ///< Of the distances while learning ...
  double limit_factor = 9.0;      ///< ... times this is the limit.
};

/// One row's verdict.
struct GroupScore {
  double distance = 0.0;  ///< In multiples of the limit: unusual above 1.
  /// By how much `distance` falls without each metric, shape (columns,), >= 0.
  std::vector<double> contributions;
  /// How far each metric is from what the other metrics explain, in the usual scatter round that,
  /// shape (columns,).
  std::vector<double> deviations;
};

class MetricGroup {
 public:
  /// rows shape (n, columns), row-major, in order of time.
  /// Errors: kInvalidArgument for fewer than 10 rows a column, or values that are not finite.
  static Result<MetricGroup> learn(std::span<const double> rows, std::size_t columns,
                                   GroupOptions options = {});
  MetricGroup(MetricGroup&&) noexcept;
  MetricGroup& operator=(MetricGroup&&) noexcept;
  ~MetricGroup();

  /// Takes the next row, shape (columns,). Missing where a value is not finite: such a row is left
  /// out.
  std::optional<GroupScore> update(std::span<const double> row);
  /// "current 5.1 σ above what the other metrics explain, speed 4.9 σ below": the metrics that
  /// contribute most, at most three. `names` shape (columns,).
  static std::string reason(const GroupScore& score, std::span<const std::string> names);

 private:
  struct Parts;
  explicit MetricGroup(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright::ml
