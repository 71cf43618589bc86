#include "analyst/replay/alarm_log.h"

#include <gtest/gtest.h>

#include "analyst/testing/analyst_fixture.h"

namespace millwright {
namespace {

using testing::must;

Prediction said(std::string what, std::int64_t at_us, std::string_view at = "motor1") {
  return {testing::device("000001"),
          testing::path(at),
          PredictionKind::kFaultClass,
          "gear",
          "1",
          from_us(at_us),
          std::move(what),
          0.9,
          {},
          {},
          {},
          "",
          "lines"};
}

TEST(AlarmLog, AModelRaisesWhenItSaysTheSameFaultThreeTimesOnEnd) {
  AlarmLog log;
  std::int64_t at_us = 0;
  for (const char* what :
       {"ok", "crack", "crack", "ok", "crack", "crack", "crack", "crack", "ok"}) {
    ++at_us;
    ASSERT_TRUE(log.note(said(what, at_us), from_us(at_us + 100)));
  }
  ASSERT_EQ(log.alarms().size(), 1U);
  EXPECT_EQ(log.alarms()[0].kind, "crack");
  EXPECT_EQ(log.alarms()[0].raised, from_us(107)) << "when it was heard";
  EXPECT_EQ(log.alarms()[0].end, from_us(8)) << "the last burst that said so";
}

TEST(AlarmLog, PlacesAreFollowedByThemselvesAndHealthIsNoAlarm) {
  AlarmLog log;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(log.note(said("crack", i), from_us(i)));
    ASSERT_TRUE(log.note(said("no_fault", i, "motor2"), from_us(i)));
  }
  ASSERT_EQ(log.alarms().size(), 1U);
  EXPECT_EQ(log.alarms()[0].path.str(), "motor1");
  EXPECT_FALSE(log.alarms()[0].end);
}

TEST(AlarmLog, AnAnomalyKeepsTheTimeAtWhichItWasFirstTold) {
  AlarmLog log;
  Anomaly anomaly{0,
                  SeriesId{1},
                  {testing::device("000001"), testing::path("oven"), must(MetricId::parse("t"))},
                  "point",
                  from_us(5),
                  {},
                  9.0,
                  "far off"};
  anomaly.id = must(log.note(anomaly, from_us(10)));
  anomaly.kind = "level_shift";
  anomaly.end = from_us(20);
  ASSERT_TRUE(log.note(anomaly, from_us(30)));
  ASSERT_EQ(log.alarms().size(), 1U);
  EXPECT_EQ(log.alarms()[0].raised, from_us(10));
  EXPECT_EQ(log.alarms()[0].kind, "level_shift");
  EXPECT_EQ(log.alarms()[0].end, from_us(20));
}

}  // namespace
}  // namespace millwright
