#include "ml/anomaly/anomaly_reason.h"

#include <cmath>
#include <cstdio>

namespace millwright::ml::detail {
namespace {

std::string number(double value, int digits = 4) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
  return buffer.data();
}

std::string sigmas(double severity) {
  return severity < 100.0 ? number(std::round(severity * 10.0) / 10.0, 3) + " σ" : "over 100 σ";
}

std::string subject(const DetectorOptions& options, const StreamState& state) {
  return state.counter ? "increase of " + options.name : options.name;
}

std::string usual_words(const DetectorOptions& options, const StreamState& state) {
  return with_unit(state.anomaly.reference + state.origin, options.unit);
}

}  // namespace

std::string with_unit(double value, const std::string& unit) {
  return unit.empty() ? number(value) : number(value) + " " + unit;
}

std::string duration_words(std::int64_t microseconds) {
  const double seconds = static_cast<double>(microseconds) * 1e-6;
  if (seconds < 120.0) return number(seconds, 3) + " s";
  if (seconds < 7200.0) return number(std::round(seconds / 60.0), 3) + " min";
  if (seconds < 172800.0) return number(seconds / 3600.0, 3) + " h";
  return number(seconds / 86400.0, 3) + " d";
}

std::string open_reason(const DetectorOptions& options, const StreamState& state, double value) {
  const OpenAnomaly& a = state.anomaly;
  const std::string name = subject(options, state);
  const std::string shown = with_unit(value, options.unit);
  const char* side = value - state.origin >= a.reference ? "above" : "below";
  switch (a.cause) {
    case Cause::kLevel:
      return name + " " + shown + " is " + sigmas(a.severity) + " " + side + " its usual " +
             usual_words(options, state);
    case Cause::kJump:
      return name + " jumped from " + usual_words(options, state) + " to " + shown + " within " +
             std::to_string(a.lag) + (a.lag == 1 ? " sample: " : " samples: ") +
             sigmas(a.severity) + " of its usual movement";
    case Cause::kBlock:
      return name + (a.kind == AnomalyKind::kDrift ? " has drifted to " : " has moved to ") +
             shown + ", " + sigmas(a.severity) + " " + side + " its usual " +
             usual_words(options, state) + " (medians of 16 samples)";
    case Cause::kScatter:
      return name + " scatters " + number(a.worst / std::max(a.reference, 1e-300), 3) +
             " times as much as usual: " + with_unit(a.worst, options.unit) +
             " from sample to sample, usually " + with_unit(a.reference, options.unit) + " (" +
             sigmas(a.severity) + ")";
    case Cause::kStill:
      return name + " has been exactly " + shown + " for " + std::to_string(state.run) +
             " samples (" + duration_words(state.last_us - state.run_start_us) +
             "); its longest standstill before was " + std::to_string(state.longest_run) +
             (state.longest_run == 1 ? " sample" : " samples");
    case Cause::kBound:
      return name + " " + shown + " is " + side + " " + usual_words(options, state) +
             ", which it has met many times and never passed";
    case Cause::kHour:
      return name + " " + shown + " is " + side + " what it was at this time of the other days, " +
             usual_words(options, state) + " at most";
    case Cause::kSilence:
      return options.name + " has sent nothing for " +
             duration_words(a.last_unusual_us - a.start_us) +
             ", while others of the device go on; its usual interval is " +
             duration_words(static_cast<std::int64_t>(state.interval_s.centre * 1e6));
  }
  return name + " is unusual";
}

std::string closed_reason(const DetectorOptions& options, const StreamState& state, Ending ending) {
  const OpenAnomaly& a = state.anomaly;
  const std::string name = subject(options, state);
  const std::string lasted = duration_words(a.last_unusual_us - a.start_us);
  std::string text;
  if (a.cause == Cause::kStill) {
    text = name + " stood still for " + lasted;
  } else if (a.cause == Cause::kSilence) {
    text = options.name + " sent nothing for " + lasted;
  } else if (a.cause == Cause::kScatter) {
    text = name + " scattered up to " + number(a.worst / std::max(a.reference, 1e-300), 3) +
           " times as much as usual for " + lasted;
  } else if (a.last_unusual_us == a.start_us) {
    text = name + " was " + with_unit(a.worst + state.origin, options.unit) + " for one sample, " +
           sigmas(a.severity) + " from its usual " + usual_words(options, state);
  } else {
    text = name + " was up to " + sigmas(a.severity) + " from its usual " +
           usual_words(options, state) + " (" + with_unit(a.worst + state.origin, options.unit) +
           ") for " + lasted;
  }
  switch (ending) {
    case Ending::kCalm:
      return text;
    case Ending::kNewNormal:
      return text + "; it has lasted " + std::to_string(a.samples) +
             " samples and is taken as the new normal: learning again";
    case Ending::kTooOften:
      return text + "; unusual values have become too frequent to be unusual: learning again";
  }
  return text;
}

}  // namespace millwright::ml::detail
