#pragma once
/// A limit that keeps a budget of alarms: each alarm raises it, quiet lowers it.
///
/// This is online conformal control of a rate (Gibbs and Candes 2021, Adaptive conformal
/// inference): in the long run one alarm in `samples_per_alarm` holds the limit where it is. A
/// stream that is unusual all day long is thereby not told about all day long, and a quiet one is
/// watched more closely. Scores are -ln of a probability (ml/anomaly/tail_scale.h).
/// Trivially copyable; not thread-safe.

#include <algorithm>
#include <cstdint>

namespace millwright::ml {

struct AlarmBudgetOptions {
  double samples_per_alarm = 2000.0;  ///< A week of values every five minutes.
  std::uint32_t rest = 96;  ///< Samples after an alarm that belong to it: no second alarm.
  double start = 4.0;       ///< The first limit; it stays within [lowest, highest].
  double lowest = 2.5;
  double highest = 7.5;
  double step = 0.5;  ///< What an alarm adds to the limit.
};

class AlarmBudget {
 public:
  explicit AlarmBudget(const AlarmBudgetOptions& options)
      : options_(options), limit_(options.start) {}

  /// Whether this sample's score raises an alarm. Call it once a sample.
  bool raises(double score) {
    limit_ = std::max(options_.lowest, limit_ - options_.step / options_.samples_per_alarm);
    if (resting_ > 0) {
      --resting_;
      return false;
    }
    if (score < limit_) return false;
    resting_ = options_.rest;
    limit_ = std::min(options_.highest, limit_ + options_.step);
    return true;
  }

  double limit() const { return limit_; }

 private:
  AlarmBudgetOptions options_;
  double limit_;
  std::uint32_t resting_ = 0;
};

}  // namespace millwright::ml
