#include "ml/rul/bearing_life.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kFewest = 100;  // snapshots
constexpr std::size_t kShort = 10;    // snapshots of a running median
constexpr std::size_t kMiddle = 30;
constexpr std::size_t kLong = 60;
constexpr std::size_t kStatesOfABearing = 60;
constexpr double kFirstState = 0.5;  // of the life
constexpr double kLastState = 0.99;
constexpr double kRiseWidth = 0.25;  // of the kernel, logarithmic
constexpr double kPeakWidth = 0.30;
constexpr double kKurtosisWidth = 0.15;
/// A state far from all that was learnt falls back on all of it.
constexpr double kFloor = 1e-6;

/// Logarithm of the median of the last `width` values up to and with `at`.
double log_median(std::span<const double> values, std::size_t at, std::size_t width) {
  const std::size_t n = std::min(at + 1, width);
  return std::log(signal::median(values.subspan(at + 1 - n, n)));
}

std::vector<double> column(std::span<const BearingSnapshot> history,
                           double BearingSnapshot::*member) {
  std::vector<double> values;
  for (const BearingSnapshot& snapshot : history) values.push_back(snapshot.*member);
  return values;
}

Result<> check(std::span<const BearingSnapshot> history) {
  if (history.size() < kFewest) {
    return invalid_argument("a bearing has " + std::to_string(history.size()) +
                            " snapshots; its life is told from " + std::to_string(kFewest) + " on");
  }
  for (const BearingSnapshot& snapshot : history) {
    for (const double value : {snapshot.rms, snapshot.peak, snapshot.kurtosis}) {
      if (std::isfinite(value) && value > 0.0) continue;
      return invalid_argument(
          "RMS, peak or kurtosis of a snapshot is not above 0: leave such a snapshot out");
    }
  }
  return {};
}

double squared(double distance, double width) { return distance * distance / (width * width); }

}  // namespace

std::vector<BearingLifeModel::State> BearingLifeModel::states_of(
    std::span<const BearingSnapshot> history) {
  const std::vector<double> rms = column(history, &BearingSnapshot::rms);
  const std::vector<double> peak = column(history, &BearingSnapshot::peak);
  const std::vector<double> kurtosis = column(history, &BearingSnapshot::kurtosis);
  std::vector<State> states;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -lowest;
  for (std::size_t i = 0; i < history.size(); ++i) {
    lowest = std::min(lowest, log_median(rms, i, kLong));
    highest = std::max(highest, log_median(rms, i, kShort));
    states.push_back({.rise = highest - lowest,
                      .peak = log_median(peak, i, kShort),
                      .kurtosis = log_median(kurtosis, i, kMiddle)});
  }
  return states;
}

Result<BearingLifeModel> BearingLifeModel::learn(
    std::span<const std::vector<BearingSnapshot>> histories) {
  if (histories.size() < 2) {
    return invalid_argument("the life of bearings is learnt from two that failed, or more");
  }
  BearingLifeModel model;
  model.bearings_ = static_cast<double>(histories.size());
  for (const auto& history : histories) {
    if (auto good = check(history); !good) return good.error();
    const std::vector<State> states = states_of(history);
    const double n = static_cast<double>(states.size());
    for (std::size_t k = 0; k < kStatesOfABearing; ++k) {
      const double part = static_cast<double>(k) / static_cast<double>(kStatesOfABearing - 1);
      const double at = std::floor(n * (kFirstState + part * (kLastState - kFirstState)));
      State state = states[static_cast<std::size_t>(std::min(at, n - 1.0))];
      state.share = (n - 1.0 - at) / (at + 1.0);
      model.learnt_.push_back(state);
    }
  }
  std::ranges::sort(model.learnt_, {}, &State::share);
  return model;
}

std::vector<double> BearingLifeModel::weights(const State& now) const {
  std::vector<double> by_rise, by_peak;
  double rise_sum = 0.0, peak_sum = 0.0;
  for (const State& state : learnt_) {
    const double kurtosis = squared(state.kurtosis - now.kurtosis, kKurtosisWidth);
    const double rise = squared(state.rise - now.rise, kRiseWidth);
    const double peak = squared(state.peak - now.peak, kPeakWidth);
    by_rise.push_back(std::exp(-0.5 * (rise + kurtosis)) + kFloor);
    by_peak.push_back(std::exp(-0.5 * (peak + kurtosis)) + kFloor);
    rise_sum += by_rise.back();
    peak_sum += by_peak.back();
  }
  std::vector<double> weights;
  for (std::size_t i = 0; i < learnt_.size(); ++i) {
    weights.push_back(0.5 * (by_rise[i] / rise_sum + by_peak[i] / peak_sum));
  }
  return weights;
}

Result<BearingLife> BearingLifeModel::estimate(std::span<const BearingSnapshot> history,
                                               double period_s) const {
  if (auto good = check(history); !good) return good.error();
  if (!(period_s > 0.0)) return invalid_argument("the period of the snapshots is not above 0");
  const std::vector<double> weight = weights(states_of(history).back());
  const double age_s = period_s * static_cast<double>(history.size());
  const auto quantile = [&](double level, double unlike) {
    double sum = 0.0;
    for (std::size_t i = 0; i < learnt_.size(); ++i) {
      sum += (1.0 - unlike) * weight[i] + unlike / static_cast<double>(learnt_.size());
      if (sum >= level) return age_s * learnt_[i].share;
    }
    return age_s * learnt_.back().share;
  };
  const double unlike = 1.0 / (bearings_ + 1.0);
  return BearingLife{.remaining_s = quantile(0.5, 0.0),
                     .lower_s = quantile(0.05, unlike),
                     .upper_s = quantile(0.95, unlike)};
}

}  // namespace millwright::ml
