#pragma once
/// How well alarms foretell what people said had happened.
///
/// An alarm counts for an event of its place where it was raised inside the event, or before its
/// start by at most the horizon. An event with such an alarm is found; its lead time is that of
/// the first, below zero where the event had begun already. Several alarms for one event find it
/// once, and one alarm may find several events that overlap. An alarm that counts for no event is
/// false, also one that was raised before the horizon and lasted into the event: a horizon is as
/// long as a warning may be early.
///
/// Set aside, neither right nor false, are alarms that only count for what is not judged: spans
/// that are no event (a service), by the span alone, and events whose first alarm may lie where
/// nobody looked.
///
/// Pure. Times are UTC microseconds since the epoch. O(alarms x spans).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millwright::backtest {

enum class SpanKind {
  kEvent,      ///< An alarm was due.
  kNotJudged,  ///< An event, but what was ahead of it was not watched.
  kNoEvent,    ///< No alarm was due; those inside are set aside.
};

struct LabelledSpan {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;  ///< The last instant; the largest number while it goes on.
  std::string class_name;
  SpanKind kind = SpanKind::kEvent;
};

struct ScoringRules {
  std::int64_t horizon_us = 0;  ///< >= 0.
  std::int64_t watched_us = 0;  ///< Time that could raise false alarms; of all machines.
};

enum class AlarmVerdict { kHit, kFalse, kSetAside };
/// "hit", "false", "set_aside".
std::string_view to_string(AlarmVerdict verdict);

/// An event that was judged.
struct EventScore {
  std::size_t span = 0;    ///< Its place among the spans.
  std::size_t alarms = 0;  ///< That count for it; 0: missed.
  std::optional<std::size_t> first_alarm;
  std::optional<std::int64_t> lead_us;
};

struct ClassScore {
  std::size_t events = 0;
  std::size_t found = 0;
  std::optional<std::int64_t> median_lead_us;  ///< Of those found; the lower of two in the middle.
};

struct AlarmScore {
  std::vector<AlarmVerdict> alarms;  ///< In the order of the alarms.
  std::vector<EventScore> events;    ///< In the order of the spans.
  std::map<std::string, ClassScore> classes;
  ClassScore all;
  std::size_t false_alarms = 0;
  std::size_t set_aside = 0;
  std::optional<double> false_alarms_a_week;  ///< Missing where no time was watched.
};

/// `is_of(alarm, span)`: whether both are of one place.
AlarmScore score_alarms(std::span<const std::int64_t> raised_us,
                        std::span<const LabelledSpan> spans,
                        const std::function<bool(std::size_t, std::size_t)>& is_of,
                        const ScoringRules& rules);

}  // namespace millwright::backtest
