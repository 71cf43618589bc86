/// `backTest`: what a detector, a rule or a model would have told.

#include <cmath>

#include "analytics/back_tests.h"
#include "analytics/listing.h"
#include "base/text.h"

namespace millwright {
namespace {

using backtest::Detectors;
using graphql::FieldCall;
using graphql::Json;
using graphql::Object;
using graphql::ResolvedValue;

constexpr int kMostDays = 366;
constexpr double kMostHorizonDays = 90.0;
constexpr double kMostHoldSeconds = 90.0 * 86'400.0;

bool has(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && !found->is_null();
}

Result<Microseconds> span_of(const char* what, double number, double most, double unit_seconds) {
  if (!(number >= 0.0 && number <= most)) {
    return invalid_argument(std::string(what) + " must be 0 to " +
                            std::to_string(std::lround(most)));
  }
  return Microseconds(std::llround(number * unit_seconds * 1e6));
}

Result<backtest::LimitRule> read_rule(const Json& rule) {
  if (has(rule, "above") == has(rule, "below")) {
    return invalid_argument("a rule has either `above` or `below`");
  }
  const bool is_above = has(rule, "above");
  MW_ASSIGN(const Microseconds hold,
            span_of("forSeconds", rule.value("forSeconds", 0.0), kMostHoldSeconds, 1.0));
  return backtest::LimitRule{is_above, rule.at(is_above ? "above" : "below").get<double>(), hold};
}

Result<> read_subject(const Json& body, backtest::Request& request) {
  const int subjects = has(body, "detector") + has(body, "rule") + has(body, "model");
  if (subjects > 1) {
    return invalid_argument("one thing is tried at a time: give `detector`, `rule` or `model`");
  }
  if (has(body, "rule")) {
    MW_ASSIGN(request.subject, read_rule(body.at("rule")));
  } else if (has(body, "model")) {
    const Json& model = body.at("model");
    std::optional<int> version;
    if (has(model, "version")) version = model.at("version").get<int>();
    request.subject = backtest::ModelOnTrial{model.at("name").get<std::string>(), version};
  } else if (has(body, "detector")) {
    const auto& name = body.at("detector").get_ref<const std::string&>();
    request.subject = name == "SERIES"      ? Detectors::kSeries
                      : name == "RELATIONS" ? Detectors::kRelations
                      : name == "COURSES"   ? Detectors::kCourses
                                            : Detectors::kAll;
  }
  return {};
}

Result<backtest::Request> read_request(const FieldContext& context, const DeviceView& view,
                                       const Json& body) {
  MW_ASSIGN(Path path, path_argument(body));
  backtest::Request request{Detectors::kAll,
                            view.device.id,
                            std::move(path),
                            {},
                            {},
                            {},
                            {},
                            {},
                            context.limits.back_test_samples};
  MW_TRY(read_subject(body, request));
  if (const auto text = text_of(body, "metricIdentifier"); !text.empty()) {
    MW_ASSIGN(request.metric, MetricId::parse(text));
  }
  const int days = body.value("days", 90);
  if (days < 1 || days > kMostDays) {
    return invalid_argument("days must be 1 to " + std::to_string(kMostDays));
  }
  request.period = std::chrono::days(days);
  MW_ASSIGN(request.horizon,
            span_of("horizonDays", body.value("horizonDays", 7.0), kMostHorizonDays, 86'400.0));
  if (has(body, "classes")) request.classes = body.at("classes").get<std::vector<std::string>>();
  return request;
}

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

void set_lead(Object& object, const char* name, std::optional<std::int64_t> lead_us) {
  if (lead_us) object.set(name, seconds(*lead_us));
}

void set_counts(Object& object, const backtest::ClassScore& score) {
  object.set("events", score.events);
  object.set("found", score.found);
  object.set("missed", score.events - score.found);
}

std::string_view verdict_name(backtest::AlarmVerdict verdict) {
  switch (verdict) {
    case backtest::AlarmVerdict::kHit:
      return "HIT";
    case backtest::AlarmVerdict::kSetAside:
      return "SET_ASIDE";
    case backtest::AlarmVerdict::kFalse:
      break;
  }
  return "FALSE";
}

Object alarm_object(const backtest::RaisedAlarm& alarm, backtest::AlarmVerdict verdict,
                    const DeviceView& view) {
  Object object;
  set_times(object, "raised", alarm.raised, view.zone);
  if (alarm.end) set_times(object, "end", *alarm.end, view.zone);
  object.set("verdict", verdict_name(verdict));
  object.set("path", alarm.path.str());
  if (alarm.metric) object.set("metricIdentifier", alarm.metric->str());
  object.set("kind", alarm.kind);
  object.set("reason", alarm.reason);
  return object;
}

Object event_object(const backtest::EventScore& event, const Label& label, const DeviceView& view) {
  Object object;
  object.set("label", label_object(label, view));
  object.set("alarms", event.alarms);
  set_lead(object, "leadSeconds", event.lead_us);
  return object;
}

ResolvedValue::List class_list(const backtest::AlarmScore& score) {
  ResolvedValue::List list;
  for (const auto& [name, of_class] : score.classes) {
    Object object;
    object.set("class", name);
    set_counts(object, of_class);
    set_lead(object, "medianLeadSeconds", of_class.median_lead_us);
    list.emplace_back(std::move(object));
  }
  return list;
}

Object report_object(const backtest::Report& report, std::size_t limit, const DeviceView& view) {
  const auto& score = report.score;
  Object object;
  if (report.period.end_us > report.period.start_us) {
    set_times(object, "start", from_us(report.period.start_us), view.zone);
    set_times(object, "end", from_us(report.period.end_us), view.zone);
  }
  object.set("metrics", report.metrics);
  object.set("samples", static_cast<double>(report.samples));
  object.set("watchedSeconds", seconds(report.watched.count()));
  object.set("alarmCount", report.alarms.size());
  object.set("falseAlarms", score.false_alarms);
  if (score.false_alarms_a_week) object.set("falseAlarmsAWeek", *score.false_alarms_a_week);
  object.set("setAside", score.set_aside);
  set_counts(object, score.all);
  object.set("classes", class_list(score));
  ResolvedValue::List events, alarms;
  for (std::size_t i = 0; i < std::min(limit, score.events.size()); ++i) {
    const backtest::EventScore& event = score.events[i];
    events.emplace_back(event_object(event, report.labels[event.span], view));
  }
  for (std::size_t i = 0; i < std::min(limit, report.alarms.size()); ++i) {
    alarms.emplace_back(alarm_object(report.alarms[i], score.alarms[i], view));
  }
  object.set("eventList", std::move(events));
  object.set("alarms", std::move(alarms));
  return object;
}

}  // namespace

FieldResult resolve_back_test(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  const Json& body = call.argument("body");
  MW_ASSIGN(const DeviceView view,
            open_device(*context.directory, principal, text_of(body, "tenantIdentifier"),
                        text_of(body, "deviceIdentifier")));
  MW_TRY(require_technician(principal, "run back-tests"));
  const int limit = body.value("limit", 200);
  if (limit < 1 || static_cast<std::size_t>(limit) > context.limits.rows) {
    return invalid_argument("limit must be 1 to " + std::to_string(context.limits.rows));
  }
  MW_ASSIGN(const backtest::Request request, read_request(context, view, body));
  MW_ASSIGN(const backtest::Report report, context.back_tests->run(*view.store, request));
  return ResolvedValue(report_object(report, static_cast<std::size_t>(limit), view));
}

}  // namespace millwright
