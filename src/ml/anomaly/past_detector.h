#pragma once
/// Compares the latest values of a metric with its whole past: has it ever looked like this?
///
/// For slow values, such as the mean of every five minutes: 8,192 of them reach back four weeks.
/// Three measures, each put on one scale by its own tail (tail_scale.h):
///   level   the mean of the last 16 values against the median of the past
///   shape   the last 24 values: the Euclidean distance to the nearest earlier window (the left
///           discord of Yeh et al. 2016, without z-normalisation: the level is part of the look)
///   season  the last 12 values: the distance to the second nearest window of another day at the
///           same time of day, half an hour aside; so a quiet noon is told from a quiet night
/// The score is the larger of level and the mean of shape and season (shape alone, until two days
/// are known). A limit with a budget of alarms decides (alarm_budget.h): in the long run one alarm
/// a week of five-minute values holds it; the first weeks have some more, until it has found its
/// place. Nothing is set up.
///
/// Tier: scheduled. Memory: up to 250 KiB a metric. Cost: some 20 us a value with a full past. Not
/// thread-safe: one object per metric.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ml/anomaly/alarm_budget.h"
#include "ml/anomaly/tail_scale.h"

namespace millwright::ml {

struct PastAlarm {
  enum class Cause { kLevel, kShape, kSeason };
  Cause cause = Cause::kLevel;
  std::int64_t t_us = 0;
  double score = 0.0;  ///< -ln of the probability of such a measure on this stream.
  std::string reason;  ///< A sentence with numbers and unit.
};

struct PastDetectorOptions {
  std::string name = "value";  ///< How reasons call the metric: "temperature".
  std::string unit = "";       ///< "°C"; may be empty.
  AlarmBudgetOptions budget;
};

class PastDetector {
 public:
  explicit PastDetector(PastDetectorOptions options);

  /// Takes the next value. A time that is not after the last one and a value that is not finite are
  /// ignored.
  std::optional<PastAlarm> update(std::int64_t t_us, double value);

  /// Of the last value; 0 while learning.
  double score() const { return score_; }
  /// The score that the next alarm needs.
  double limit() const { return budget_.limit(); }

 private:
  struct Measures {
    double level = 0.0, shape = 0.0, season = 0.0;  ///< In the metric's unit.
    std::optional<double> level_score, shape_score, season_score;
  };

  void remember(std::int64_t t_us, double value);
  std::optional<double> level_measure();
  std::optional<double> shape_measure() const;
  std::optional<double> season_measure() const;
  Measures measure();
  PastAlarm tell(const Measures& measures) const;

  PastDetectorOptions options_;
  AlarmBudget budget_;
  TailScale level_scale_, shape_scale_, season_scale_;
  double origin_ = 0.0;              ///< Values are kept relative to it, so that float is enough.
  std::vector<float> values_;        ///< Oldest first; up to twice the past that is used.
  std::vector<std::int64_t> times_;  ///< Shape of values_.
  double usual_ = 0.0;               ///< Median of the past, relative to origin_.
  std::uint32_t since_usual_ = 0;
  double score_ = 0.0;
};

}  // namespace millwright::ml
