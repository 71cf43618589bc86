#include "analyst/replay/alarm_log.h"

#include <algorithm>
#include <array>

#include "ml/anomaly/streaming_detector.h"

namespace millwright {

bool says_healthy(std::string_view fault_class) {
  static constexpr std::array<std::string_view, 4> kHealthy{"no_fault", "healthy", "normal", "ok"};
  return std::find(kHealthy.begin(), kHealthy.end(), fault_class) != kHealthy.end();
}

Result<std::size_t> AlarmLog::open(backtest::RaisedAlarm alarm) {
  was_full_ = alarms_.size() == kMostAlarms;
  MW_TRY(check());
  alarms_.push_back(std::move(alarm));
  return alarms_.size() - 1;
}

Result<> AlarmLog::check() const {
  if (!was_full_) return {};
  return resource_exhausted("more than " + std::to_string(kMostAlarms) +
                            " alarms: this raises one all the time; name a path or a metric, or "
                            "set another limit");
}

Result<std::int64_t> AlarmLog::note(const Anomaly& anomaly, Timestamp now) {
  auto index = static_cast<std::size_t>(anomaly.id) - 1;
  if (anomaly.id == 0) {
    // What several metrics no longer explain of each other is of their place, not of one.
    const bool is_of_place = anomaly.kind == ml::to_string(ml::AnomalyKind::kRelation);
    std::optional<MetricId> metric;
    if (!is_of_place) metric = anomaly.key.metric;
    MW_ASSIGN(index,
              open({anomaly.key.device, anomaly.key.path, std::move(metric), "", now, {}, ""}));
  }
  backtest::RaisedAlarm& alarm = alarms_.at(index);
  alarm.kind = anomaly.kind;
  alarm.end = anomaly.end;
  alarm.reason = anomaly.reason;
  return static_cast<std::int64_t>(index) + 1;
}

Result<> AlarmLog::note(const Prediction& prediction, Timestamp now) {
  if (!prediction.predicted) return {};
  Run& run = runs_[{prediction.device, prediction.path, prediction.model}];
  if (run.said != *prediction.predicted) {
    if (run.alarm) alarms_[*run.alarm].end = run.last;
    run = Run{*prediction.predicted, 0, {}, {}};
  }
  ++run.verdicts;
  run.last = prediction.at;
  if (run.verdicts != kVerdictsOnEnd || says_healthy(run.said)) return {};
  MW_ASSIGN(run.alarm,
            open({prediction.device, prediction.path, {}, run.said, now, {}, prediction.reason}));
  return {};
}

}  // namespace millwright
