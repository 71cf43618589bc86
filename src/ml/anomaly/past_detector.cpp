#include "ml/anomaly/past_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

namespace millwright::ml {
namespace {

constexpr std::size_t kPast = 8192;        // values
constexpr std::size_t kLevelWindow = 16;   // values
constexpr std::size_t kShapeWindow = 24;   // values
constexpr std::size_t kShapeStride = 3;    // values between two windows that are compared
constexpr std::size_t kSeasonWindow = 12;  // values
constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kAsideUs = 1'800'000'000;
constexpr std::size_t kNeeded = 60;         // measures before level and shape are judged
constexpr std::size_t kSeasonNeeded = 200;  // measures before the season is judged
constexpr double kFar = std::numeric_limits<double>::infinity();

/// The squared distance of two windows that end at these places; `limit` or more ends it early.
double squared_distance(const float* a, const float* b, std::size_t window, double limit) {
  double sum = 0.0;
  for (std::size_t back = 0; back < window && sum < limit; ++back) {
    const double difference =
        a[-static_cast<std::ptrdiff_t>(back)] - b[-static_cast<std::ptrdiff_t>(back)];
    sum += difference * difference;
  }
  return sum;
}

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3g", value);
  return buffer.data();
}

}  // namespace

PastDetector::PastDetector(PastDetectorOptions options)
    : options_(std::move(options)),
      budget_(options_.budget),
      level_scale_(kNeeded),
      shape_scale_(kNeeded),
      season_scale_(kSeasonNeeded) {}

std::optional<PastAlarm> PastDetector::update(std::int64_t t_us, double value) {
  if (!std::isfinite(value) || (!times_.empty() && t_us <= times_.back())) return std::nullopt;
  remember(t_us, value);
  const Measures m = measure();
  const double shape = m.shape_score.value_or(0.0);
  const double look = m.season_score ? (shape + *m.season_score) / 2.0 : shape;
  score_ = std::max(m.level_score.value_or(0.0), look);
  if (!budget_.raises(score_)) return std::nullopt;
  return tell(m);
}

void PastDetector::remember(std::int64_t t_us, double value) {
  if (values_.empty()) origin_ = value;
  if (values_.size() == 2 * kPast) {
    values_.erase(values_.begin(), values_.begin() + kPast);
    times_.erase(times_.begin(), times_.begin() + kPast);
  }
  values_.push_back(static_cast<float>(value - origin_));
  times_.push_back(t_us);
}

PastDetector::Measures PastDetector::measure() {
  Measures m;
  const auto judge = [](std::optional<double> measured, TailScale& scale, double& shown_as) {
    if (!measured) return std::optional<double>();
    shown_as = *measured;
    return scale.judge(*measured);
  };
  m.level_score = judge(level_measure(), level_scale_, m.level);
  m.shape_score = judge(shape_measure(), shape_scale_, m.shape);
  m.season_score = judge(season_measure(), season_scale_, m.season);
  return m;
}

std::optional<double> PastDetector::level_measure() {
  if (values_.size() <= 2 * kLevelWindow) return std::nullopt;
  if (since_usual_++ % kLevelWindow == 0) {
    const std::size_t used = std::min(kPast, values_.size() - 1);
    std::vector<float> past(values_.end() - 1 - static_cast<std::ptrdiff_t>(used),
                            values_.end() - 1);
    const auto middle = past.begin() + static_cast<std::ptrdiff_t>(past.size() / 2);
    std::nth_element(past.begin(), middle, past.end());
    usual_ = *middle;
  }
  const double mean =
      std::accumulate(values_.end() - kLevelWindow, values_.end(), 0.0) / kLevelWindow;
  return std::abs(mean - usual_);
}

std::optional<double> PastDetector::shape_measure() const {
  const std::size_t last = values_.size() - 1;
  if (values_.size() < 2 * kShapeWindow) return std::nullopt;
  const std::size_t first = std::max(kShapeWindow - 1, last - std::min(last, kPast - kShapeWindow));
  double nearest = kFar;
  // From the newest on: what came just before is most alike, so most of the others end early.
  for (std::size_t end = last - kShapeWindow; end >= first; end -= kShapeStride) {
    nearest =
        std::min(nearest, squared_distance(&values_[last], &values_[end], kShapeWindow, nearest));
    if (end < first + kShapeStride) break;
  }
  return std::sqrt(nearest);
}

std::optional<double> PastDetector::season_measure() const {
  const std::size_t last = values_.size() - 1;
  const std::size_t first =
      std::max(kSeasonWindow - 1, last - std::min(last, kPast - kSeasonWindow));
  if (first + kSeasonWindow > last) return std::nullopt;
  double nearest = kFar, second = kFar;
  for (std::int64_t at = times_[last] - kDayUs; at + kAsideUs >= times_[first]; at -= kDayUs) {
    const auto from = std::lower_bound(times_.begin() + static_cast<std::ptrdiff_t>(first),
                                       times_.end(), at - kAsideUs);
    for (auto end = static_cast<std::size_t>(from - times_.begin());
         end + kSeasonWindow <= last && times_[end] <= at + kAsideUs; ++end) {
      const double d = squared_distance(&values_[last], &values_[end], kSeasonWindow, second);
      if (d >= second) continue;
      second = std::max(d, nearest);
      nearest = std::min(d, nearest);
    }
  }
  if (second == kFar) return std::nullopt;
  return std::sqrt(second);
}

PastAlarm PastDetector::tell(const Measures& m) const {
  PastAlarm alarm;
  alarm.t_us = times_.back();
  alarm.score = score_;
  const double days = static_cast<double>(times_.back() - times_.front()) / kDayUs;
  const std::string unit = options_.unit.empty() ? "" : " " + options_.unit;
  const std::string past = " in the " + shown(days) + " days before";
  if (m.level_score.value_or(0.0) >= score_) {
    alarm.cause = PastAlarm::Cause::kLevel;
    alarm.reason = options_.name + " has been " + shown(m.level) + unit + " away from its usual " +
                   shown(usual_ + origin_) + unit + " for 16 values, farther than almost always" +
                   past;
  } else if (m.season_score.value_or(0.0) > m.shape_score.value_or(0.0)) {
    alarm.cause = PastAlarm::Cause::kSeason;
    alarm.reason = options_.name + " is not as it was at this time of day" + past +
                   ": the nearest course differs by " +
                   shown(m.season / std::sqrt(static_cast<double>(kSeasonWindow))) + unit;
  } else {
    alarm.cause = PastAlarm::Cause::kShape;
    alarm.reason = options_.name + " takes a course that it never took" + past +
                   ": the nearest one differs by " +
                   shown(m.shape / std::sqrt(static_cast<double>(kShapeWindow))) + unit;
  }
  return alarm;
}

}  // namespace millwright::ml
