#pragma once
/// Remaining useful life of a bearing from vibration snapshots, by similarity to bearings that were
/// run from new to failure.
///
/// Similarity of health-indicator trajectories (T. Wang et al., PHM 2008): each learnt bearing
/// gives states of the second half of its life, with the share of the age that was still to come.
/// What share a new bearing has left is told by the states that resemble its own, weighted by a
/// Gaussian kernel in two views: (largest rise of the level so far, kurtosis) and (peak, kurtosis),
/// all logarithmic. The share of the age, not the time, carries over from bearing to bearing: lives
/// under the same load differ several times. The value is the median of the weighted shares. The
/// interval is 90 % of them after one part in (bearings + 1) went to all states alike: of
/// exchangeable bearings that is the chance that the next one is unlike every one before.
///
/// Immutable after learning; safe to use from many threads. Cost: an estimate is linear in the
/// snapshots, about a microsecond each.

#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

/// Two accelerometers across each other, mean removed, same unit everywhere.
struct BearingSnapshot {
  double rms = 0.0;       ///< Root of the sum of both squared RMS.
  double peak = 0.0;      ///< The larger of both.
  double kurtosis = 0.0;  ///< The larger of both; 3 for normal noise.
};

struct BearingLife {
  double remaining_s = 0.0;  ///< Median.
  double lower_s = 0.0;      ///< 90 % interval.
  double upper_s = 0.0;
};

class BearingLifeModel {
 public:
  /// histories  snapshots from new to failure, evenly spaced in time
  /// Errors: kInvalidArgument for less than two bearings, fewer than 100 snapshots in one, values
  /// that are not finite or not above 0.
  static Result<BearingLifeModel> learn(std::span<const std::vector<BearingSnapshot>> histories);

  /// history   snapshots from new to now, evenly spaced
  /// period_s  between two snapshots, > 0
  /// Errors: kInvalidArgument for fewer than 100 snapshots and values as above.
  Result<BearingLife> estimate(std::span<const BearingSnapshot> history, double period_s) const;

 private:
  struct State {
    double rise = 0.0;
    double peak = 0.0;
    double kurtosis = 0.0;
    double share = 0.0;  ///< Of the age, still to come.
  };
  static std::vector<State> states_of(std::span<const BearingSnapshot> history);
  std::vector<double> weights(const State& now) const;
  std::vector<State> learnt_;  ///< Ascending by share.
  double bearings_ = 0.0;
};

}  // namespace millwright::ml
