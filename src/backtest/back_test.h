#pragma once
/// What a back-test is asked and what it answers.
///
/// A detector, a rule or a model is shown the stored samples of a period as if they came now; what
/// it would have raised is compared with the tenant's labels.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "backtest/alarm_score.h"
#include "model/label.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright::backtest {

/// What the analyst runs without set-up.
enum class Detectors {
  kAll,
  kSeries,     ///< Each metric by itself, always on.
  kRelations,  ///< The metrics of one place together, by the minute.
  kCourses,    ///< The course of each metric against four weeks of past.
};

/// A value beyond a limit for some time.
struct LimitRule {
  bool is_above = true;
  double limit = 0.0;
  Microseconds hold{0};  ///< >= 0.
};

/// A version of the registry that judges bursts.
struct ModelOnTrial {
  std::string name;
  std::optional<int> version;  ///< The live one where it is missing.
};

struct Request {
  std::variant<Detectors, LimitRule, ModelOnTrial> subject = Detectors::kAll;
  std::optional<DeviceId> device;  ///< All devices of the tenant where it is missing.
  Path path;                       ///< With all below it.
  std::optional<MetricId> metric;
  std::optional<Timestamp> end;  ///< Exclusive; after the newest sample where it is missing.
  Microseconds period = std::chrono::days(90);
  Microseconds horizon = std::chrono::days(7);
  /// Classes that an alarm was due for; where there are none, all but "service" and "false_alarm".
  std::vector<std::string> classes;
  std::optional<std::uint64_t> most_samples;  ///< More are refused before any is read.
};

struct RaisedAlarm {
  DeviceId device;
  Path path;
  std::optional<MetricId> metric;  ///< Missing for one of all that is measured at the path.
  std::string kind;                ///< An anomaly's kind, "limit", or the class a model said.
  Timestamp raised{};              ///< When it would have been told, to a minute.
  std::optional<Timestamp> end;    ///< Missing where it was open at the end.
  std::string reason;
};

struct Report {
  TimeRange period;                 ///< Of which samples were asked for.
  std::uint64_t metrics = 0;        ///< That have samples in it.
  std::uint64_t samples = 0;        ///< Replayed; waveforms count each of theirs.
  Microseconds watched{0};          ///< Of all devices together, without pauses of more than a day.
  std::vector<RaisedAlarm> alarms;  ///< In the order in which they were raised.
  std::vector<Label> labels;        ///< What the score's spans are.
  AlarmScore score;
};

/// Share of the work that is done, 0 to 1; on the thread that runs.
using Progress = std::function<void(double)>;

}  // namespace millwright::backtest
