#include "backtest/alarm_score.h"

#include <algorithm>

#include "base/check.h"

namespace millwright::backtest {
namespace {

constexpr double kWeekUs = 7.0 * 86'400.0 * 1e6;

/// Raised before the span, but not too early.
bool is_warning(const LabelledSpan& span, std::int64_t at_us, std::int64_t horizon_us) {
  return at_us < span.start_us && at_us >= span.start_us - horizon_us;
}

bool is_inside(const LabelledSpan& span, std::int64_t at_us) {
  return at_us >= span.start_us && at_us <= span.end_us;
}

bool counts_for(const LabelledSpan& span, std::int64_t at_us, std::int64_t horizon_us) {
  return is_inside(span, at_us) ||
         (span.kind != SpanKind::kNoEvent && is_warning(span, at_us, horizon_us));
}

std::optional<std::int64_t> median(std::vector<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void note(EventScore& event, std::size_t alarm, std::int64_t lead_us) {
  ++event.alarms;
  if (event.lead_us && *event.lead_us >= lead_us) return;
  event.lead_us = lead_us;
  event.first_alarm = alarm;
}

void sum_up(AlarmScore& score, std::span<const LabelledSpan> spans) {
  std::map<std::string, std::vector<std::int64_t>> leads;
  std::vector<std::int64_t> all;
  for (const EventScore& event : score.events) {
    const std::string& name = spans[event.span].class_name;
    ClassScore& of_class = score.classes[name];
    ++of_class.events;
    ++score.all.events;
    if (!event.lead_us) continue;
    ++of_class.found;
    ++score.all.found;
    leads[name].push_back(*event.lead_us);
    all.push_back(*event.lead_us);
  }
  for (auto& [name, of_class] : score.classes) of_class.median_lead_us = median(leads[name]);
  score.all.median_lead_us = median(std::move(all));
}

}  // namespace

std::string_view to_string(AlarmVerdict verdict) {
  switch (verdict) {
    case AlarmVerdict::kHit:
      return "hit";
    case AlarmVerdict::kFalse:
      return "false";
    case AlarmVerdict::kSetAside:
      return "set_aside";
  }
  return "false";
}

AlarmScore score_alarms(std::span<const std::int64_t> raised_us,
                        std::span<const LabelledSpan> spans,
                        const std::function<bool(std::size_t, std::size_t)>& is_of,
                        const ScoringRules& rules) {
  MW_CHECK(rules.horizon_us >= 0);
  AlarmScore score;
  score.alarms.assign(raised_us.size(), AlarmVerdict::kFalse);
  for (std::size_t s = 0; s < spans.size(); ++s) {
    const bool judged = spans[s].kind == SpanKind::kEvent;
    EventScore event{s, 0, {}, {}};
    for (std::size_t a = 0; a < raised_us.size(); ++a) {
      if (!counts_for(spans[s], raised_us[a], rules.horizon_us) || !is_of(a, s)) continue;
      if (judged) {
        score.alarms[a] = AlarmVerdict::kHit;
        note(event, a, spans[s].start_us - raised_us[a]);
      } else if (score.alarms[a] == AlarmVerdict::kFalse) {
        score.alarms[a] = AlarmVerdict::kSetAside;
      }
    }
    if (judged) score.events.push_back(event);
  }
  const auto count = [&](AlarmVerdict verdict) {
    return static_cast<std::size_t>(std::count(score.alarms.begin(), score.alarms.end(), verdict));
  };
  score.false_alarms = count(AlarmVerdict::kFalse);
  score.set_aside = count(AlarmVerdict::kSetAside);
  if (rules.watched_us > 0) {
    score.false_alarms_a_week =
        static_cast<double>(score.false_alarms) / (static_cast<double>(rules.watched_us) / kWeekUs);
  }
  sum_up(score, spans);
  return score;
}

}  // namespace millwright::backtest
