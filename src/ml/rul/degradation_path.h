#pragma once
/// Remaining useful life from nothing but a level and the limit at which a part is worn out.
///
/// No failure has been seen, so the path of this one part is all there is. It is taken for one of
/// the general degradation paths (Lu & Meeker 1993, Technometrics 35): level = a + b g(t), where g
/// is flat up to an onset and from there on linear, exponential (Gebraeel et al. 2005, IIE
/// Transactions 37) or levelling off. Each of these shapes has its posterior of a, b and the
/// scatter (normal-inverse-gamma, flat prior), and counts by how well it fits (Bayesian model
/// averaging, Hoeting et al. 1999). Scatter that hangs together counts as fewer points
/// (n (1 - r) / (1 + r) for a lag-one correlation r; Bayley & Hammersley 1946). Real wear has none
/// of these shapes exactly, so they are told apart by 20 points' worth at most (coarsened
/// posterior, Miller & Dunson 2019), and the interval is as wide as forecasts from earlier on the
/// same path would have missed the time at which the level came to where it is now. Draws from all
/// that meet the limit at a time each: the value is their median, the interval 90 % of them.
///
/// What it was tried on, how often the interval held the end and where it does not:
/// docs/models/degradation-limit.md. Pure functions, thread-safe. Deterministic: the same points
/// give the same answer. Cost: under 1 ms.

#include <cstddef>
#include <span>

#include "base/result.h"

namespace millwright::ml {

/// Fewer points say nothing.
inline constexpr std::size_t kLeastPathPoints = 30;
/// How many times the watched span one can look ahead.
inline constexpr double kPathSight = 10.0;

struct PathPoint {
  double time_s = 0.0;  ///< Ascending.
  double level = 0.0;   ///< Grows with wear; any unit.
};

enum class PathOutlook {
  kTooShort,     ///< Fewer than kLeastPathPoints since the limit was last left.
  kNoTrend,      ///< Nothing that moves towards the limit.
  kBeyondSight,  ///< It moves, but only the lower bound says something.
  kForeseen,     ///< Value and interval.
  kReached,      ///< The level is at the limit: nothing remains.
};

struct PathForecast {
  PathOutlook outlook = PathOutlook::kTooShort;
  std::size_t points = 0;    ///< That counted.
  double watched_s = 0.0;    ///< From the first of them to the last.
  double level = 0.0;        ///< Median of the last three.
  double rise = 0.0;         ///< What has been added since the wear began: median.
  double remaining_s = 0.0;  ///< Median. 0 unless kForeseen.
  double lower_s = 0.0;      ///< Of the 90 % interval. 0 unless kForeseen or kBeyondSight.
  double upper_s = 0.0;      ///< 0 unless kForeseen.
};

/// When the level meets a limit above it; of one below, give both with the other sign.
///
/// points  shape (n,), any n
/// Once three points on end have been at the limit and later ones are not, somebody has repaired
/// the machine: only what comes after counts.
/// Errors: kInvalidArgument for values that are not finite and times that do not ascend.
Result<PathForecast> forecast_limit(std::span<const PathPoint> points, double limit);

}  // namespace millwright::ml
