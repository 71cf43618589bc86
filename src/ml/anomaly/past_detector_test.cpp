#include "ml/anomaly/past_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace millwright::ml {
namespace {

constexpr std::int64_t kFiveMinutesUs = 300'000'000;
constexpr int kDay = 288;  // values

/// A day with a warm noon, and noise.
class Days {
 public:
  explicit Days(std::uint32_t seed) : random_(seed) {}
  double at(int i) {
    const double hour = 2.0 * 3.14159265358979 * (i % kDay) / kDay;
    return 20.0 - 4.0 * std::cos(hour) + 0.2 * noise_(random_);
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> noise_;
};

std::vector<PastAlarm> alarms_of(const std::vector<double>& values,
                                 PastDetectorOptions options = {}) {
  PastDetector detector(std::move(options));
  std::vector<PastAlarm> alarms;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto alarm = detector.update(static_cast<std::int64_t>(i) * kFiveMinutesUs, values[i]);
    if (alarm) alarms.push_back(std::move(*alarm));
  }
  return alarms;
}

std::vector<double> days(int count, std::uint32_t seed) {
  Days source(seed);
  std::vector<double> values;
  for (int i = 0; i < count * kDay; ++i) values.push_back(source.at(i));
  return values;
}

/// Alarms whose time lies within [first, last] values.
std::size_t within(const std::vector<PastAlarm>& alarms, int first, int last) {
  return static_cast<std::size_t>(std::count_if(alarms.begin(), alarms.end(), [&](const auto& a) {
    return a.t_us >= first * kFiveMinutesUs && a.t_us <= last * kFiveMinutesUs;
  }));
}

TEST(PastDetector, AMissingNoonIsToldThoughEachValueIsUsual) {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    auto values = days(14, seed);
    const int begin = 12 * kDay + 100;  // as cool as at night, at noon
    for (int i = begin; i < begin + 90; ++i) values[i] = values[i - begin] + 0.0;
    const auto alarms = alarms_of(values);
    EXPECT_GE(within(alarms, begin, begin + 90), 1u) << "seed " << seed;
  }
}

TEST(PastDetector, KeepsItsBudgetInTheLongRun) {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    const auto alarms = alarms_of(days(84, seed));
    // The limit has found its place after four weeks; then one alarm a week is asked for.
    EXPECT_LE(within(alarms, 28 * kDay, 84 * kDay), 10u) << "seed " << seed;
  }
}

TEST(PastDetector, ALevelNeverSeenIsToldWithNumbersAndUnit) {
  auto values = days(7, 1);
  for (std::size_t i = 6 * kDay; i < values.size(); ++i) values[i] += 15.0;
  const auto alarms = alarms_of(values, {.name = "oil temperature", .unit = "°C", .budget = {}});
  ASSERT_FALSE(alarms.empty());
  const auto& alarm = alarms.back();
  EXPECT_GE(alarm.t_us, 6 * kDay * kFiveMinutesUs);
  EXPECT_NE(alarm.reason.find("oil temperature"), std::string::npos) << alarm.reason;
  EXPECT_NE(alarm.reason.find("°C"), std::string::npos) << alarm.reason;
}

TEST(PastDetector, OneAlarmForOneUnusualStretch) {
  auto values = days(10, 1);
  for (int i = 9 * kDay; i < 9 * kDay + 60; ++i) values[i] += 30.0;
  EXPECT_EQ(within(alarms_of(values), 9 * kDay, 9 * kDay + 90), 1u);
}

TEST(PastDetector, ConstantValuesAndBrokenOnesAreQuiet) {
  EXPECT_TRUE(alarms_of(std::vector<double>(3000, 42.0)).empty());
  PastDetector detector(PastDetectorOptions{});
  EXPECT_FALSE(detector.update(0, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(detector.update(10, 1.0));
  EXPECT_FALSE(detector.update(10, 1e300));  // the same time again
  EXPECT_FALSE(detector.update(5, 1e300));
  EXPECT_EQ(detector.score(), 0.0);
}

}  // namespace
}  // namespace millwright::ml
