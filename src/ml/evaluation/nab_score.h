#pragma once
/// The scoring of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015), for alarms in a series.
///
/// The first alarm inside a labelled window earns up to 1, the earlier the more; one outside costs
/// up to `false_alarm`, less shortly behind a window; a window without any costs `miss`. The sum is
/// put on a scale where no alarm at all is 0 and every window found at its start is 100. Alarms in
/// the first 15 % of a series, at most 750 values, do not count. Pure.

#include <cstddef>
#include <span>
#include <vector>

namespace millwright::ml {

struct NabProfile {
  double false_alarm = 0.11;
  double miss = 1.0;
};
inline constexpr NabProfile kNabStandard{0.11, 1.0};
inline constexpr NabProfile kNabLowFalsePositives{0.22, 1.0};
inline constexpr NabProfile kNabLowFalseNegatives{0.11, 2.0};

/// Places in a series, both ends included.
struct NabWindow {
  std::size_t first = 0;
  std::size_t last = 0;
};

struct NabSeries {
  std::size_t size = 0;
  std::vector<NabWindow> windows;   ///< Ascending, apart from each other.
  std::vector<std::size_t> alarms;  ///< Ascending.
};

/// Alarms before this place do not count.
std::size_t nab_probation(std::size_t size);

/// Which windows have an alarm that counts. Shape of `series.windows`.
std::vector<bool> nab_found(const NabSeries& series);

/// Of all series together; 0 where there is no window.
double nab_score(std::span<const NabSeries> corpus, const NabProfile& profile);

}  // namespace millwright::ml
