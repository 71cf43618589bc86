#pragma once
/// Life from life times only: how long parts last, when some have not failed yet.
///
/// A life that ended by failure has its time; one that was cut short (still running, replaced as a
/// precaution) is right censored: it lasted at least that long. Censoring must have nothing to do
/// with the coming failure. Two estimates: without any form (Kaplan & Meier 1958) and by the
/// Weibull distribution S(t) = exp(-(t / scale)^shape), by maximum likelihood (Meeker & Escobar
/// 1998, Statistical Methods for Reliability Data, chapters 3 and 8).
///
/// All times have one unit, the caller's. Pure functions, thread-safe. O(n log n).

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct LifeTime {
  double time = 0.0;    ///< From new; positive and finite.
  bool failed = false;  ///< false: right censored.
};

/// A value with its confidence interval.
struct Interval {
  double value = 0.0;
  double lower = 0.0;
  double upper = 0.0;
};

/// The estimate from one time of failure to the next.
struct SurvivalStep {
  double time = 0.0;
  std::size_t at_risk = 0;  ///< Lives at least this long; one censored at `time` counts.
  std::size_t failures = 0;
  Interval survival;  ///< Share that lives longer than `time`.
};

/// Product-limit estimate, a step a distinct time of failure, ascending. The variance is
/// Greenwood's (1926), the interval symmetric in log(-log S), so it stays inside 0 ... 1
/// (Kalbfleisch & Prentice 1980). Where S is 0 the interval is 0 ... 1.
/// Errors: kInvalidArgument without a failure, with a time that is not positive and finite, or a
/// level outside 0 ... 1.
Result<std::vector<SurvivalStep>> kaplan_meier(std::span<const LifeTime> lives,
                                               double level = 0.95);

/// S at a time; 1 before the first step.
double survival_at(std::span<const SurvivalStep> steps, double time);

/// Each may be missing: then that curve stays above one half as long as anyone was watched.
struct MedianLife {
  std::optional<double> value;
  std::optional<double> lower;
  std::optional<double> upper;
};
/// Where the estimate and the limits of its interval fall to one half (Brookmeyer & Crowley 1982).
MedianLife median_life(std::span<const SurvivalStep> steps);

struct WeibullLife {
  Interval shape;  ///< Below 1: early failures; 1: by chance; above 1: wear.
  Interval scale;  ///< Life that 63.2 % do not reach.
  Interval median;
};

/// Maximum likelihood with right censoring. Intervals are normal in the logarithm, from the
/// observed information.
/// Errors: kInvalidArgument as kaplan_meier(), and when all failures come at the longest time: then
/// the shape has no finite estimate.
Result<WeibullLife> fit_weibull(std::span<const LifeTime> lives, double level = 0.95);

/// What is left to a part that has reached `age`: the median, and the bounds between which the end
/// comes with probability `level`. The parameters are taken as known, so with few failures the
/// bounds are too narrow.
/// Errors: kInvalidArgument when the age is negative or not finite, a level outside 0 ... 1, or
/// parameters that are not positive and finite.
Result<Interval> remaining_life(const WeibullLife& life, double age, double level = 0.9);

}  // namespace millwright::ml
