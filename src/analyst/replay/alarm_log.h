#pragma once
/// What would have been told in a replay, and when.
///
/// Not thread-safe.

#include <map>
#include <tuple>
#include <vector>

#include "backtest/back_test.h"
#include "model/event.h"

namespace millwright {

/// Stands at the newest sample that was replayed.
class ReplayClock final : public Clock {
 public:
  void move_to(std::int64_t at_us) { at_us_ = at_us; }
  Timestamp now() const override { return from_us(at_us_); }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point{Microseconds{at_us_}};
  }

 private:
  std::int64_t at_us_ = 0;
};

/// Whether a model's class says that nothing is wrong: no_fault, healthy, normal, ok. The web app
/// shows the same ones as sound.
bool says_healthy(std::string_view fault_class);

class AlarmLog {
 public:
  /// More would say nothing that fewer do not.
  static constexpr std::size_t kMostAlarms = 100'000;
  /// So many bursts on end with the same fault are an alarm of a model: one is soon mistaken.
  static constexpr std::size_t kVerdictsOnEnd = 3;

  /// Errors: kResourceExhausted for more than kMostAlarms.
  Result<std::size_t> open(backtest::RaisedAlarm alarm);
  /// The error of open() where it was met; for those whose watch has only logged it.
  Result<> check() const;
  backtest::RaisedAlarm& at(std::size_t index) { return alarms_[index]; }
  const std::vector<backtest::RaisedAlarm>& alarms() const { return alarms_; }

  /// An anomaly as it goes into the catalog: with id 0 it opens. Answers its id.
  Result<std::int64_t> note(const Anomaly& anomaly, Timestamp now);
  /// A verdict on the newest burst.
  Result<> note(const Prediction& prediction, Timestamp now);

 private:
  struct Run {
    std::string said;
    std::size_t verdicts = 0;
    std::optional<std::size_t> alarm;
    Timestamp last{};
  };
  using Judged = std::tuple<DeviceId, Path, std::string>;

  bool was_full_ = false;
  std::vector<backtest::RaisedAlarm> alarms_;  // an anomaly's id is its place here plus one
  std::map<Judged, Run> runs_;
};

}  // namespace millwright
