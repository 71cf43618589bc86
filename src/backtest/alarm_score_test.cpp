#include "backtest/alarm_score.h"

#include <gtest/gtest.h>

#include <limits>

namespace millwright::backtest {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;

bool one_place(std::size_t, std::size_t) { return true; }

LabelledSpan event(std::int64_t start_us, std::int64_t end_us, std::string name = "broken",
                   SpanKind kind = SpanKind::kEvent) {
  return {start_us, end_us, std::move(name), kind};
}

/// Of 14 days, with a horizon of two.
AlarmScore score(const std::vector<std::int64_t>& alarms, const std::vector<LabelledSpan>& spans) {
  return score_alarms(alarms, spans, one_place, {2 * kDay, 14 * kDay});
}

TEST(AlarmScore, WithoutLabelsEveryAlarmIsFalse) {
  const AlarmScore found = score({1 * kDay, 5 * kDay, 6 * kDay}, {});
  EXPECT_EQ(found.false_alarms, 3U);
  EXPECT_DOUBLE_EQ(found.false_alarms_a_week.value(), 1.5);
  EXPECT_EQ(found.all.events, 0U);
  EXPECT_FALSE(found.all.median_lead_us);
}

TEST(AlarmScore, WithoutAlarmsEveryEventIsMissed) {
  const AlarmScore found =
      score({}, {event(3 * kDay, 4 * kDay), event(8 * kDay, 9 * kDay, "worn")});
  EXPECT_EQ(found.all.events, 2U);
  EXPECT_EQ(found.all.found, 0U);
  EXPECT_EQ(found.classes.at("worn").events, 1U);
  EXPECT_FALSE(found.events[0].lead_us);
  EXPECT_DOUBLE_EQ(found.false_alarms_a_week.value(), 0.0);
}

TEST(AlarmScore, WithoutSamplesThereIsNoRate) {
  const AlarmScore found = score_alarms({}, {}, one_place, {kDay, 0});
  EXPECT_FALSE(found.false_alarms_a_week);
  EXPECT_TRUE(found.alarms.empty());
}

TEST(AlarmScore, AnAlarmAheadOfAnEventIsAHitWithItsLead) {
  const AlarmScore found = score({4 * kDay}, {event(5 * kDay, 6 * kDay)});
  ASSERT_EQ(found.events.size(), 1U);
  EXPECT_EQ(found.events[0].lead_us, kDay);
  EXPECT_EQ(found.events[0].first_alarm, 0U);
  EXPECT_EQ(found.alarms[0], AlarmVerdict::kHit);
  EXPECT_EQ(found.false_alarms, 0U);
}

TEST(AlarmScore, TheEndsOfHorizonAndEventBelongToIt) {
  const std::vector<LabelledSpan> spans{event(5 * kDay, 6 * kDay)};
  EXPECT_EQ(score({3 * kDay}, spans).all.found, 1U);
  EXPECT_EQ(score({3 * kDay - 1}, spans).all.found, 0U);
  EXPECT_EQ(score({6 * kDay}, spans).all.found, 1U);
  EXPECT_EQ(score({6 * kDay + 1}, spans).all.found, 0U);
  EXPECT_EQ(score({6 * kDay + 1}, spans).false_alarms, 1U);
}

TEST(AlarmScore, AnAlarmInsideAnEventIsALateHit) {
  const AlarmScore found = score({5 * kDay + kHour}, {event(5 * kDay, 6 * kDay)});
  EXPECT_EQ(found.events[0].lead_us, -kHour);
}

TEST(AlarmScore, SeveralAlarmsForAnEventAreOneHitLedByTheFirst) {
  const AlarmScore found =
      score({5 * kDay + kHour, 4 * kDay, 5 * kDay - kHour}, {event(5 * kDay, 6 * kDay)});
  EXPECT_EQ(found.all.found, 1U);
  EXPECT_EQ(found.events[0].alarms, 3U);
  EXPECT_EQ(found.events[0].first_alarm, 1U);
  EXPECT_EQ(found.events[0].lead_us, kDay);
  EXPECT_EQ(found.false_alarms, 0U);
}

TEST(AlarmScore, OneAlarmFindsAllEventsThatOverlap) {
  const AlarmScore found =
      score({5 * kDay}, {event(5 * kDay + kHour, 7 * kDay, "crack"), event(6 * kDay, 8 * kDay)});
  EXPECT_EQ(found.all.found, 2U);
  EXPECT_EQ(found.classes.at("crack").median_lead_us, kHour);
  EXPECT_EQ(found.classes.at("broken").median_lead_us, kDay);
  EXPECT_EQ(found.all.median_lead_us, kHour) << "the lower of two";
  EXPECT_EQ(found.false_alarms, 0U);
}

TEST(AlarmScore, EventsThatAreNotJudgedSetAsideWhatIsAheadAndInThem) {
  const auto span = event(5 * kDay, 6 * kDay, "broken", SpanKind::kNotJudged);
  const AlarmScore found = score({2 * kDay, 4 * kDay, 5 * kDay}, {span});
  EXPECT_EQ(found.all.events, 0U);
  EXPECT_EQ(found.set_aside, 2U);
  EXPECT_EQ(found.false_alarms, 1U);
}

TEST(AlarmScore, AnAlarmThatAlsoCountsForAJudgedEventIsAHit) {
  const auto before = event(0, 3 * kDay, "broken", SpanKind::kNotJudged);
  const auto judged = event(2 * kDay, 3 * kDay);
  EXPECT_EQ(score({kDay}, {before, judged}).alarms[0], AlarmVerdict::kHit);
  EXPECT_EQ(score({kDay}, {judged, before}).alarms[0], AlarmVerdict::kHit) << "in any order";
}

TEST(AlarmScore, AServiceSetsAsideWhatItRaisesAndNothingAhead) {
  const LabelledSpan service{5 * kDay, 6 * kDay, "service", SpanKind::kNoEvent};
  const AlarmScore found = score({4 * kDay, 5 * kDay + kHour}, {service});
  EXPECT_EQ(found.alarms[0], AlarmVerdict::kFalse);
  EXPECT_EQ(found.alarms[1], AlarmVerdict::kSetAside);
  EXPECT_EQ(found.all.events, 0U);
}

TEST(AlarmScore, AnEventThatGoesOnHasNoEnd) {
  const AlarmScore found =
      score({13 * kDay}, {event(5 * kDay, std::numeric_limits<std::int64_t>::max())});
  EXPECT_EQ(found.events[0].lead_us, -8 * kDay);
}

TEST(AlarmScore, AnAlarmOfAnotherPlaceDoesNotFind) {
  const std::vector<LabelledSpan> spans{event(5 * kDay, 6 * kDay)};
  const std::vector<std::int64_t> alarms{5 * kDay, 5 * kDay};
  const AlarmScore found = score_alarms(
      alarms, spans, [](std::size_t alarm, std::size_t) { return alarm == 1; }, {kDay, 7 * kDay});
  EXPECT_EQ(found.events[0].alarms, 1U);
  EXPECT_EQ(found.alarms[0], AlarmVerdict::kFalse);
  EXPECT_DOUBLE_EQ(found.false_alarms_a_week.value(), 1.0);
}

}  // namespace
}  // namespace millwright::backtest
