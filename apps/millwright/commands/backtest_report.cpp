#include "apps/millwright/commands/backtest_report.h"

#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "backtest/duration_words.h"

namespace millwright {
namespace {

using backtest::ClassScore;
using backtest::EventScore;
using backtest::RaisedAlarm;
using backtest::Report;
using nlohmann::json;

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

json or_null(std::optional<std::int64_t> us) { return us ? json(seconds(*us)) : json(); }

json to_json(const ClassScore& score) {
  return {{"events", score.events},
          {"found", score.found},
          {"missed", score.events - score.found},
          {"median_lead_s", or_null(score.median_lead_us)}};
}

json to_json(const Report& report, const EventScore& event) {
  const Label& label = report.labels[event.span];
  return {{"label", label.id},
          {"device", label.device.str()},
          {"path", label.path.str()},
          {"metric", label.metric ? json(label.metric->str()) : json()},
          {"class", label.class_name},
          {"start", format_utc(label.start)},
          {"end", label.end ? json(format_utc(*label.end)) : json()},
          {"alarms", event.alarms},
          {"first_alarm", event.first_alarm ? json(*event.first_alarm) : json()},
          {"lead_s", or_null(event.lead_us)}};
}

json to_json(const RaisedAlarm& alarm, backtest::AlarmVerdict verdict) {
  return {{"raised", format_utc(alarm.raised)},
          {"end", alarm.end ? json(format_utc(*alarm.end)) : json()},
          {"verdict", backtest::to_string(verdict)},
          {"device", alarm.device.str()},
          {"path", alarm.path.str()},
          {"metric", alarm.metric ? json(alarm.metric->str()) : json()},
          {"kind", alarm.kind},
          {"reason", alarm.reason}};
}

[[gnu::format(printf, 1, 2)]] std::string line(const char* format, ...) {
  char text[512];
  std::va_list values;
  va_start(values, format);
  std::vsnprintf(text, sizeof text, format, values);
  va_end(values);
  return std::string(text) + "\n";
}

/// "1 alarm", "2 alarms".
std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string minute(Timestamp at) { return format_utc(at).substr(0, 16) + "Z"; }

/// "000001 line.press temperature".
std::string place(const DeviceId& device, const Path& path, const std::optional<MetricId>& metric) {
  std::string out = device.str();
  if (!path.str().empty()) out += " " + path.str();
  if (metric) out += " " + metric->str();
  return out;
}

std::string lead_words(std::int64_t lead_us) {
  const std::string words = backtest::format_duration(Microseconds(std::abs(lead_us)));
  return words + (lead_us < 0 ? " late" : " ahead");
}

std::string class_line(const std::string& name, const ClassScore& score) {
  return line("%-24.24s %7zu %7zu %7zu   %s", name.c_str(), score.events, score.found,
              score.events - score.found,
              score.median_lead_us ? lead_words(*score.median_lead_us).c_str() : "-");
}

std::string counts(const Report& report) {
  const auto& score = report.score;
  const std::size_t hits = report.alarms.size() - score.false_alarms - score.set_aside;
  std::string rate;
  if (score.false_alarms_a_week) {
    rate = line(", %.2f a week and machine", *score.false_alarms_a_week);
    rate.pop_back();
  }
  return line("%s: %zu for an event, %zu false%s, %zu set aside",
              counted(report.alarms.size(), "alarm").c_str(), hits, score.false_alarms,
              rate.c_str(), score.set_aside);
}

std::string events(const Report& report) {
  if (report.score.events.empty()) {
    return "no labelled event was due: nothing tells yet which alarms are right. Label what "
           "happened\n"
           "(mutation `createLabel`) and try again.\n";
  }
  std::string out =
      line("%-24s %7s %7s %7s   %s", "class", "events", "found", "missed", "first alarm (median)");
  for (const auto& [name, score] : report.score.classes) out += class_line(name, score);
  if (report.score.classes.size() > 1) out += class_line("all", report.score.all);
  out += "\nevents\n";
  for (const EventScore& event : report.score.events) {
    const Label& label = report.labels[event.span];
    const std::string found =
        event.lead_us ? lead_words(*event.lead_us) + ", " + counted(event.alarms, "alarm")
                      : "missed";
    out += line("%s  %-30s %s, %s", minute(label.start).c_str(), found.c_str(),
                label.class_name.c_str(), place(label.device, label.path, label.metric).c_str());
  }
  return out;
}

std::string alarms(const Report& report, std::size_t most) {
  if (report.alarms.empty()) return "";
  std::string out = "\nalarms\n";
  for (std::size_t i = 0; i < std::min(most, report.alarms.size()); ++i) {
    const RaisedAlarm& alarm = report.alarms[i];
    const std::string lasted = alarm.end ? "for " + backtest::format_duration(std::max(
                                                        *alarm.end - alarm.raised, Microseconds{0}))
                                         : "open";
    out += line("%s  %-9s  %-15s %s: %s. ", minute(alarm.raised).c_str(),
                std::string(backtest::to_string(report.score.alarms[i])).c_str(), lasted.c_str(),
                place(alarm.device, alarm.path, alarm.metric).c_str(), alarm.kind.c_str());
    out.insert(out.size() - 1, alarm.reason);
  }
  if (report.alarms.size() > most) {
    out += line("... and %zu more; --json prints all", report.alarms.size() - most);
  }
  return out;
}

}  // namespace

std::string to_json_line(const Report& report) {
  json classes = json::object();
  for (const auto& [name, score] : report.score.classes) classes[name] = to_json(score);
  json events = json::array(), alarms = json::array();
  for (const EventScore& event : report.score.events) events.push_back(to_json(report, event));
  for (std::size_t i = 0; i < report.alarms.size(); ++i) {
    alarms.push_back(to_json(report.alarms[i], report.score.alarms[i]));
  }
  const auto& rate = report.score.false_alarms_a_week;
  const json all{{"start", format_utc(from_us(report.period.start_us))},
                 {"end", format_utc(from_us(report.period.end_us))},
                 {"metrics", report.metrics},
                 {"samples", report.samples},
                 {"watched_s", seconds(report.watched.count())},
                 {"false_alarms", report.score.false_alarms},
                 {"false_alarms_a_week", rate ? json(*rate) : json()},
                 {"set_aside", report.score.set_aside},
                 {"all", to_json(report.score.all)},
                 {"classes", std::move(classes)},
                 {"events", std::move(events)},
                 {"alarms", std::move(alarms)}};
  // Reasons carry units as devices sent them.
  return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string to_table(const Report& report, std::size_t most_alarms) {
  if (report.samples == 0) return "no samples in this period: nothing could be tried\n";
  return line("%s to %s: %s, %s, %s of machine time",
              minute(from_us(report.period.start_us)).c_str(),
              minute(from_us(report.period.end_us)).c_str(),
              counted(report.metrics, "metric").c_str(), counted(report.samples, "sample").c_str(),
              backtest::format_duration(report.watched).c_str()) +
         counts(report) + "\n" + events(report) + alarms(report, most_alarms);
}

}  // namespace millwright
