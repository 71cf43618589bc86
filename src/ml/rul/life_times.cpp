#include "ml/rul/life_times.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace millwright::ml {
namespace {

Result<> check_level(double level) {
  if (level > 0.0 && level < 1.0) return {};
  return invalid_argument("the level of an interval is " + std::to_string(level) +
                          ": give one between 0 and 1, such as 0.95");
}

Result<> check_lives(std::span<const LifeTime> lives, double level) {
  MW_TRY(check_level(level));
  for (const LifeTime& life : lives) {
    if (!std::isfinite(life.time) || life.time <= 0.0) {
      return invalid_argument("a life time is " + std::to_string(life.time) +
                              ": life times are positive and finite");
    }
  }
  if (std::none_of(lives.begin(), lives.end(), [](const LifeTime& l) { return l.failed; })) {
    return invalid_argument("none of the " + std::to_string(lives.size()) +
                            " lives ended by a failure: an estimate needs at least one");
  }
  return {};
}

/// z with P(|N(0, 1)| <= z) = level, by bisection of the error function.
double normal_bound(double level) {
  double low = 0.0;
  double high = 40.0;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (std::erf(middle / std::sqrt(2.0)) < level ? low : high) = middle;
  }
  return high;
}

/// `greenwood`: sum of d / (n (n - d)), the variance of log S.
Interval survival_interval(double survival, double greenwood, double z) {
  if (survival <= 0.0) return {0.0, 0.0, 1.0};
  const double wide = z * std::sqrt(greenwood) / std::abs(std::log(survival));
  return {survival, std::pow(survival, std::exp(wide)), std::pow(survival, std::exp(-wide))};
}

/// Sums of the likelihood over all lives; times are shares of the longest, so no power overflows.
class WeibullLikelihood {
 public:
  explicit WeibullLikelihood(std::span<const LifeTime> lives) {
    for (const LifeTime& life : lives) longest_ = std::max(longest_, life.time);
    for (const LifeTime& life : lives) {
      const double log_time = std::log(life.time / longest_);
      log_times_.push_back(log_time);
      if (!life.failed) continue;
      failures_ += 1.0;
      failed_mean_ += (log_time - failed_mean_) / failures_;
    }
  }
  bool has_maximum() const { return failed_mean_ < 0.0; }

  /// Its root is the shape; it grows with the shape, so there is one (Farnum & Booth 1997).
  double score(double shape) const {
    double sum = 0.0;
    double weighted = 0.0;
    for (const double log_time : log_times_) {
      const double power = std::exp(shape * log_time);
      sum += power;
      weighted += power * log_time;
    }
    return weighted / sum - 1.0 / shape - failed_mean_;
  }
  double shape() const {
    double low = 1e-6;
    double high = 1.0;
    while (score(high) < 0.0 && high < 1e12) high *= 2.0;
    for (int i = 0; i < 200; ++i) {
      const double middle = 0.5 * (low + high);
      (score(middle) < 0.0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }
  double log_scale(double shape) const {
    double sum = 0.0;
    for (const double log_time : log_times_) sum += std::exp(shape * log_time);
    return std::log(sum / failures_) / shape + std::log(longest_);
  }

  /// Covariance of (log scale, log shape): the inverse of the observed information.
  struct Covariance {
    double scale, shape, both;
  };
  Covariance covariance(double shape, double log_scale) const {
    double both = 0.0;
    double of_shape = failures_;
    for (const double log_time : log_times_) {
      const double y = shape * (log_time + std::log(longest_) - log_scale);
      const double power = std::exp(y);
      both -= shape * power * y;
      of_shape += power * y * y;
    }
    const double of_scale = shape * shape * failures_;
    const double determinant = of_scale * of_shape - both * both;
    return {of_shape / determinant, of_scale / determinant, -both / determinant};
  }

 private:
  double longest_ = 0.0;
  std::vector<double> log_times_;
  double failures_ = 0.0;
  double failed_mean_ = 0.0;
};

Interval log_normal(double log_value, double variance, double z) {
  const double wide = z * std::sqrt(std::max(0.0, variance));
  return {std::exp(log_value), std::exp(log_value - wide), std::exp(log_value + wide)};
}

}  // namespace

Result<std::vector<SurvivalStep>> kaplan_meier(std::span<const LifeTime> lives, double level) {
  MW_TRY(check_lives(lives, level));
  std::vector<LifeTime> ordered(lives.begin(), lives.end());
  std::sort(ordered.begin(), ordered.end(),
            [](const LifeTime& a, const LifeTime& b) { return a.time < b.time; });
  const double z = normal_bound(level);
  std::vector<SurvivalStep> steps;
  double survival = 1.0;
  double greenwood = 0.0;
  for (std::size_t i = 0; i < ordered.size();) {
    SurvivalStep step;
    step.time = ordered[i].time;
    step.at_risk = ordered.size() - i;
    for (; i < ordered.size() && ordered[i].time == step.time; ++i) {
      step.failures += ordered[i].failed ? 1 : 0;
    }
    if (step.failures == 0) continue;
    const auto failures = static_cast<double>(step.failures);
    const auto at_risk = static_cast<double>(step.at_risk);
    survival *= 1.0 - failures / at_risk;
    greenwood += failures / (at_risk * (at_risk - failures));
    step.survival = survival_interval(survival, greenwood, z);
    steps.push_back(step);
  }
  return steps;
}

double survival_at(std::span<const SurvivalStep> steps, double time) {
  double survival = 1.0;
  for (const SurvivalStep& step : steps) {
    if (step.time > time) break;
    survival = step.survival.value;
  }
  return survival;
}

MedianLife median_life(std::span<const SurvivalStep> steps) {
  const auto first_below_half = [&](double Interval::*limit) -> std::optional<double> {
    for (const SurvivalStep& step : steps) {
      if (step.survival.*limit <= 0.5) return step.time;
    }
    return std::nullopt;
  };
  return {first_below_half(&Interval::value), first_below_half(&Interval::lower),
          first_below_half(&Interval::upper)};
}

Result<WeibullLife> fit_weibull(std::span<const LifeTime> lives, double level) {
  MW_TRY(check_lives(lives, level));
  const WeibullLikelihood likelihood(lives);
  if (!likelihood.has_maximum()) {
    return invalid_argument(
        "all failures come at the longest life time: the Weibull shape needs failures at "
        "different times, or lives that went on after the failures");
  }
  const double shape = likelihood.shape();
  const double log_scale = likelihood.log_scale(shape);
  const auto covariance = likelihood.covariance(shape, log_scale);
  const double z = normal_bound(level);
  // log median = log scale + c / shape
  const double c = std::log(std::log(2.0));
  const double by_shape = -c / shape;
  const double median_variance =
      covariance.scale + by_shape * by_shape * covariance.shape + 2.0 * by_shape * covariance.both;
  return WeibullLife{.shape = log_normal(std::log(shape), covariance.shape, z),
                     .scale = log_normal(log_scale, covariance.scale, z),
                     .median = log_normal(log_scale + c / shape, median_variance, z)};
}

Result<Interval> remaining_life(const WeibullLife& life, double age, double level) {
  MW_TRY(check_level(level));
  const double shape = life.shape.value;
  const double scale = life.scale.value;
  if (!std::isfinite(age) || age < 0.0) {
    return invalid_argument("the age is " + std::to_string(age) +
                            ": give a finite age of at least 0");
  }
  if (!std::isfinite(shape) || shape <= 0.0 || !std::isfinite(scale) || scale <= 0.0) {
    return invalid_argument("the Weibull shape and scale must be positive and finite");
  }
  const double used = std::pow(age / scale, shape);
  const auto left = [&](double lives_longer) {
    return scale * std::pow(used - std::log(lives_longer), 1.0 / shape) - age;
  };
  return Interval{left(0.5), left(0.5 + 0.5 * level), left(0.5 - 0.5 * level)};
}

}  // namespace millwright::ml
