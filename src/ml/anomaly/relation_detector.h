#pragma once
/// Watches what metrics of one place explain of each other: humidity by temperature and absolute
/// humidity, current by speed and torque. A sensor that drifts or sticks breaks such a relation
/// long before its value leaves the usual range.
///
/// Each metric is explained by the one or two others that do it best (least squares on
/// exponentially weighted means and covariances over about 720 rows), and watched only where they
/// explain 97 % of its variance: a loose relation tells nothing. A metric that was always positive
/// is taken as its logarithm, for physical quantities multiply. An alarm needs what is not
/// explained to exceed, for eight rows on end, by a quarter the largest such remainder of before,
/// which is slowly forgotten; so it does not matter what the remainder's distribution is. The first
/// 360 rows only teach, and rows that look unusual do not.
///
/// Tier: always on. Cost: some 50 ns a metric and row, and every 16th row columns^3 operations.
/// Not thread-safe: one object per place.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct RelationChange {
  bool is_open = true;  ///< False: the anomaly of before is over.
  std::size_t column = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;  ///< The last unusual row; only when over.
  double severity = 0.0;    ///< The remainder in its usual standard deviations.
  std::string reason;       ///< A sentence that names the metrics.
};

class RelationDetector {
 public:
  static constexpr std::size_t kMostColumns = 16;

  /// Names as reasons call the metrics. Errors: kInvalidArgument for fewer than 2 or more than 16.
  static Result<RelationDetector> create(std::vector<std::string> names);

  /// The next row, shape (names,). A row with a value that is not finite is left out, and one whose
  /// time is not after the last.
  std::optional<RelationChange> update(std::int64_t t_us, std::span<const double> row);

  /// The columns that explain a column now; empty where nothing explains enough of it.
  std::vector<std::size_t> explained_by(std::size_t column) const;

 private:
  /// What explains one column.
  struct Relation {
    std::size_t first = 0, second = 0;  ///< The same column: only one.
    double first_factor = 0.0, second_factor = 0.0;
    double deviation = 0.0;  ///< Usual standard deviation of the remainder.
    bool is_used = false;
    double largest = 0.0;    ///< Remainder so far, slowly forgotten.
    std::uint32_t far = 0;   ///< Rows on end beyond it.
    double remainder = 0.0;  ///< Of the newest row, with its sign.
  };
  struct Fit {
    std::size_t first, second;
    double first_factor, second_factor;
    double unexplained;  ///< Share of the variance.
  };

  explicit RelationDetector(std::vector<std::string> names);

  /// Logarithms where the column allows them; false where a column has lost its sign: start anew.
  bool transform(std::span<const double> row);
  void restart();
  void judge_row();
  void learn_row();
  void relate();
  std::optional<Fit> best_fit(std::size_t column) const;
  Fit with_one(std::size_t column, std::size_t by) const;
  std::optional<Fit> with_two(std::size_t column, std::size_t by, std::size_t also) const;
  std::optional<RelationChange> open(std::int64_t t_us);
  std::optional<RelationChange> follow(std::int64_t t_us);
  bool is_suspicious() const;
  std::string reason(std::size_t column) const;
  double covariance(std::size_t a, std::size_t b) const { return covariance_[a * columns() + b]; }
  std::size_t columns() const { return names_.size(); }

  std::vector<std::string> names_;
  std::vector<bool> is_logarithm_;
  std::vector<double> x_;  ///< The newest row, transformed.
  std::vector<double> mean_, covariance_;
  std::vector<Relation> relations_;
  std::uint64_t rows_ = 0;
  std::int64_t last_us_ = 0;
  std::optional<RelationChange> opened_;
  std::uint32_t calm_ = 0;
  std::uint64_t opened_row_ = 0;
};

}  // namespace millwright::ml
