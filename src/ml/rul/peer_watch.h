#pragma once
/// Early warning from components that share a machine: bearings of one shaft, pumps of one header.
///
/// Each component has a level that grows with wear (the mean absolute acceleration of a snapshot).
/// Speed, load and temperature move all of them; wear moves one. So what is watched is the
/// logarithm of a component's level against its past, less the median of its peers', smoothed (a
/// median of five, then an exponential average over about twenty rows, three hours at ten minutes a
/// row). Limits come from the reference, the first rows, and from nowhere else: five robust
/// standard deviations of the smoothed difference there, for six rows on end. Smoothing first makes
/// the scatter of the reference the scatter that the limit meets (a control chart of averages:
/// Roberts 1959, ISO 7870-6).
///
/// A worn component is heard by its neighbours: while one is in alarm, another needs 0.3 of its
/// rise as well. An alarm ends when the difference stays below half of its limit for 36 rows. Rows
/// in which every level is below a fifth of the usual are a machine that is off: left out.
///
/// State: the reference's rows until they have been learnt, then some numbers a component. Cost:
/// well under a microsecond a component and row. Not thread-safe.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct PeerChange {
  std::size_t component = 0;
  bool is_alarm = false;  ///< False: the alarm of before is over.
  double rise = 0.0;      ///< Of its level against its peers', as a share: 0.1 is 10 %.
  double sigma = 0.0;     ///< The same in standard deviations of the reference.
};

class PeerWatch {
 public:
  /// Errors: kInvalidArgument with fewer than three components (no median of peers), or fewer than
  /// 50 reference rows.
  static Result<PeerWatch> create(std::size_t components, std::size_t reference_rows);

  /// The next row; levels shape (components,). Errors: kInvalidArgument where the shape is wrong or
  /// a level is not a finite number >= 0; the row is then left out.
  Result<std::vector<PeerChange>> update(std::span<const double> levels);

  bool is_learning() const { return usual_.empty(); }

 private:
  static constexpr std::size_t kMedianRows = 5;

  struct Component {
    double average = 0.0;
    double centre = 0.0;  ///< Of the smoothed difference in the reference.
    double sigma = 0.0;
    std::size_t above = 0, below = 0;  ///< Rows on end.
    bool in_alarm = false;
  };

  PeerWatch(std::size_t components, std::size_t reference_rows)
      : reference_rows_(reference_rows), components_(components) {}

  bool is_off(std::span<const double> levels) const;
  void learn();
  /// Smooths a row of logarithms and gives each component's difference to its peers.
  std::vector<double> differences(const std::vector<double>& row);
  std::vector<PeerChange> judge(const std::vector<double>& differences);
  double heard_from_others(const std::vector<double>& differences, std::size_t component) const;

  std::size_t reference_rows_;
  std::vector<Component> components_;
  std::vector<std::vector<double>> reference_;  ///< Logarithms, a row each, while learning.
  std::vector<double> usual_;                   ///< Logarithm of each component's usual level.
  std::vector<std::vector<double>> recent_;     ///< The last few rows, relative to usual_.
};

}  // namespace millwright::ml
