#include "analyst/limit_words.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace millwright::limit_words {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string span(double seconds) {
  if (seconds < 120) return number(std::round(seconds)) + " s";
  if (seconds < 7'200) return number(std::round(seconds / 60)) + " min";
  if (seconds < 172'800) return number(std::round(seconds / 3'600)) + " h";
  return number(std::round(seconds / 86'400)) + " d";
}

}  // namespace

std::string reason(const ml::PathForecast& forecast, const DegradationLimit& limit,
                   const Metric& metric) {
  const bool is_above = limit.side == LimitSide::kAbove;
  const std::string unit = metric.unit.empty() ? "" : " " + metric.unit;
  const std::string name =
      metric.display_name.empty() ? metric.key.metric.str() : metric.display_name;
  const std::string at = name + " is " + number(is_above ? forecast.level : -forecast.level) + unit;
  const std::string end = number(limit.value) + unit;
  const std::string seen = span(forecast.watched_s);
  switch (forecast.outlook) {
    case ml::PathOutlook::kTooShort:
      return (forecast.points == 0 ? name : at) + "; " + std::to_string(forecast.points) + " of " +
             std::to_string(ml::kLeastPathPoints) + " levels seen so far towards the limit of " +
             end + ".";
    case ml::PathOutlook::kNoTrend:
      return at + "; in " + seen + " nothing moves it towards the limit of " + end + ".";
    case ml::PathOutlook::kReached:
      return at + ": the limit of " + end + " is reached.";
    case ml::PathOutlook::kBeyondSight:
    case ml::PathOutlook::kForeseen:
      break;
  }
  return at + " after a " + (is_above ? "rise" : "fall") + " by " +
         number(std::abs(forecast.rise)) + unit + " in " + seen + "; the limit is " + end + ".";
}

std::string not_numeric(const Metric& metric) {
  return "The metric's type is " + std::string(to_string(metric.type)) +
         "; a limit can be met by numbers and waveforms only.";
}

std::string failed(const Error& error) {
  return "The past of the metric cannot be read: " + error.message +
         ". It is tried again with the next samples; the server's log has the detail.";
}

}  // namespace millwright::limit_words
