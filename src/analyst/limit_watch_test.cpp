// What is foretold of metrics with a degradation limit, and that all of it is in the store.
#include "analyst/limit_watch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analyst/tenant_analyst.h"
#include "analyst/testing/analyst_fixture.h"
#include "signal/random.h"

namespace millwright {
namespace {

using testing::AnalystFixture;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
constexpr std::int64_t kStartUs = 1'780'300'800'000'000;  // as the fixture's clock
constexpr int kLifeH = 480;

class LimitWatchTest : public ::testing::Test {
 protected:
  std::int64_t limit(const Metric& metric, double value, LimitSide side = LimitSide::kAbove) {
    return testing::must(factory_.store->catalog().create_degradation_limit(
        {0, metric.key, value, side, "eve", "", factory_.clock.now()}));
  }
  void keep(const Metric& metric, const SampleColumns& samples) {
    Append append;
    append.samples.append(metric.series, samples);
    ASSERT_TRUE(factory_.store->samples().append({&append, 1}).front());
  }
  /// Stores samples and shows them to the analyst, as the hub does, with time for what can wait.
  void send(TenantAnalyst& analyst, const Metric& metric, const SampleColumns& samples) {
    keep(metric, samples);
    factory_.clock.advance(std::chrono::seconds(11));  // new limits are looked for
    analyst.observe(factory_.stored({{metric, samples}}));
    rest(analyst);
  }
  static void rest(TenantAnalyst& analyst) {
    while (analyst.read_a_past()) {
    }
  }
  TenantAnalyst make() { return {factory_.store, factory_.bus, factory_.clock, budget_}; }

  /// Hours [from, to) of a vibration that grows from 2 mm/s to 7.1 mm/s in kLifeH hours.
  SampleColumns wear(int from_h, int to_h) {
    SampleColumns samples;
    for (int minute = from_h * 60; minute < to_h * 60; minute += 20) {
      const double share = minute / 60.0 / kLifeH;
      samples.append(kStartUs + minute * kMinuteUs,
                     2 + 5.1 * std::expm1(2 * share) / std::expm1(2) + 0.1 * random_.normal());
    }
    return samples;
  }
  static SampleColumns hours(int count, const std::function<double(int)>& level) {
    SampleColumns samples;
    for (int i = 0; i < count; ++i) samples.append(kStartUs + i * kHourUs, level(i));
    return samples;
  }
  std::optional<Prediction> foretold() {
    const auto kept = factory_.kept_predictions();
    if (kept.empty()) return std::nullopt;
    EXPECT_EQ(kept.size(), 1u);
    return kept.front();
  }

  AnalystFixture factory_;
  WatchBudget budget_{100};
  signal::RandomSource random_{11};
};

TEST_F(LimitWatchTest, WearIsForetoldAndTheIntervalShrinksAroundTheEnd) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  const std::int64_t id = limit(metric, 7.1);
  double width = std::numeric_limits<double>::infinity();
  int at_h = 0;
  for (const int to_h : {240, 336, 408, 456}) {
    for (; at_h < to_h; at_h += 12) send(analyst, metric, wear(at_h, at_h + 12));
    const auto life = foretold();
    ASSERT_TRUE(life);
    EXPECT_EQ(life->model, "limit above vibration.rms");
    EXPECT_EQ(life->version, std::to_string(id));
    EXPECT_EQ(life->kind, PredictionKind::kRemainingUsefulLife);
    EXPECT_EQ(life->unit, "h");
    ASSERT_TRUE(life->value && life->lower && life->upper) << life->reason;
    const double truth =
        kLifeH - static_cast<double>(to_us(life->at) - kStartUs) / static_cast<double>(kHourUs);
    EXPECT_NEAR(truth, kLifeH - to_h, 3);
    EXPECT_LE(*life->lower, truth) << life->reason;
    EXPECT_GE(*life->upper, truth) << life->reason;
    EXPECT_LT(*life->upper - *life->lower, width);
    width = *life->upper - *life->lower;
  }
  EXPECT_NE(foretold()->reason.find("the limit is 7.1"), std::string::npos) << foretold()->reason;
  ASSERT_FALSE(factory_.predictions.empty());
  EXPECT_EQ(factory_.predictions.back().value, foretold()->value);

  send(analyst, metric, wear(456, 500));
  EXPECT_EQ(foretold()->value, 0);
  EXPECT_EQ(foretold()->upper, 0);
  const auto history = testing::must(factory_.store->catalog().prediction_history(
      testing::device("000001"), testing::path("pump"), PredictionKind::kRemainingUsefulLife,
      {0, std::int64_t{1} << 60}, 1'000));
  EXPECT_GE(history.size(), 30u);  // one a batch; all are more than an hour apart
  EXPECT_EQ(history.front().value, 0);
}

TEST_F(LimitWatchTest, ARestartChangesNothing) {
  const Metric metric = factory_.metric("pump", "vibration.rms");
  limit(metric, 7.1);
  std::optional<Prediction> before;
  {
    TenantAnalyst analyst = make();
    for (int at_h = 0; at_h < 300; at_h += 12) send(analyst, metric, wear(at_h, at_h + 12));
    before = foretold();
    ASSERT_TRUE(before && before->value);
  }
  TenantAnalyst again = make();
  rest(again);  // without a new sample
  const auto same = foretold();
  EXPECT_EQ(same->at, before->at);
  EXPECT_EQ(same->value, before->value);
  EXPECT_EQ(same->lower, before->lower);
  EXPECT_EQ(same->upper, before->upper);
  EXPECT_EQ(same->reason, before->reason);
}

TEST_F(LimitWatchTest, ALimitSetLaterUsesThePastThatIsThere) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  send(analyst, metric, wear(0, 360));
  EXPECT_FALSE(foretold());
  limit(metric, 7.1);
  factory_.clock.advance(std::chrono::seconds(11));
  rest(analyst);
  ASSERT_TRUE(foretold());
  EXPECT_TRUE(foretold()->value) << foretold()->reason;
}

TEST_F(LimitWatchTest, AFallTowardsALimitBelowIsForetold) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "pressure");
  limit(metric, 3.5, LimitSide::kBelow);
  send(analyst, metric,
       hours(200, [&](int hour) { return 6 - 0.01 * hour + 0.02 * random_.normal(); }));
  const auto life = foretold();
  ASSERT_TRUE(life && life->value) << life->reason;
  EXPECT_NEAR(*life->value, 50, 10);
  EXPECT_NE(life->reason.find("fall"), std::string::npos) << life->reason;
}

TEST_F(LimitWatchTest, TooLittleIsPendingAndSaysHowFarItIs) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "pressure");
  limit(metric, 9);
  rest(analyst);
  EXPECT_FALSE(foretold());  // not a sample yet
  send(analyst, metric, hours(20, [](int hour) { return 6 + 0.01 * hour; }));
  const auto life = foretold();
  ASSERT_TRUE(life);
  EXPECT_FALSE(life->value || life->lower);
  EXPECT_EQ(life->no_life, NoLife::kPending);
  EXPECT_NE(life->reason.find("19 of 30"), std::string::npos) << life->reason;
}

TEST_F(LimitWatchTest, WithoutATrendTowardsTheLimitItIsNotApplicable) {
  TenantAnalyst analyst = make();
  const Metric steady = factory_.metric("a", "pressure");
  const Metric away = factory_.metric("b", "pressure");
  limit(steady, 9);
  limit(away, 3.5, LimitSide::kBelow);
  send(analyst, steady, hours(200, [](int) { return 6; }));
  send(analyst, away, hours(200, [&](int hour) { return 6 + 0.01 * hour; }));
  const auto kept = factory_.kept_predictions();
  ASSERT_EQ(kept.size(), 2u);
  for (const Prediction& life : kept) {
    EXPECT_FALSE(life.value || life.lower);
    EXPECT_EQ(life.no_life, NoLife::kNotApplicable);
    EXPECT_NE(life.reason.find("nothing moves it"), std::string::npos) << life.reason;
  }
}

TEST_F(LimitWatchTest, ALimitThatIsPassedAlreadyLeavesNothing) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "pressure");
  limit(metric, 5);
  send(analyst, metric, hours(40, [](int) { return 6; }));
  ASSERT_TRUE(foretold());
  EXPECT_EQ(foretold()->value, 0);
  EXPECT_EQ(foretold()->lower, 0);
  EXPECT_NE(foretold()->reason.find("is reached"), std::string::npos) << foretold()->reason;
}

TEST_F(LimitWatchTest, TheRmsOfBurstsIsFollowed) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration", MetricType::kWaveform);
  limit(metric, 7.1);
  for (int hour = 0; hour < 200; ++hour) {
    Waveform burst{kStartUs + hour * kHourUs, 1'000, {}};
    const double rms = 2 + 0.02 * hour;
    for (int i = 0; i < 256; ++i) {
      burst.value.push_back(static_cast<float>(50 + rms * random_.normal()));
    }
    Append append;
    append.waveforms.push_back({metric.series, burst});
    ASSERT_TRUE(factory_.store->samples().append({&append, 1}).front());
    factory_.clock.advance(std::chrono::seconds(11));
    analyst.observe(factory_.stored({}, {{metric, burst}}));
  }
  rest(analyst);
  const auto life = foretold();
  ASSERT_TRUE(life && life->value) << life->reason;
  EXPECT_NEAR(*life->value, 55, 20);  // (7.1 - 6) / 0.02
}

TEST_F(LimitWatchTest, WhatIsNoNumberIsNotApplicable) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "state", MetricType::kText);
  limit(metric, 5);
  rest(analyst);
  ASSERT_TRUE(foretold());
  EXPECT_EQ(foretold()->no_life, NoLife::kNotApplicable);
  EXPECT_NE(foretold()->reason.find("TEXT"), std::string::npos) << foretold()->reason;
  EXPECT_EQ(factory_.predictions.size(), 1u);
}

TEST_F(LimitWatchTest, AJumpOfTheClockIsSurvived) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  limit(metric, 7.1);
  send(analyst, metric, wear(0, 240));
  SampleColumns future;
  future.append(kStartUs + 10 * 365 * 24 * kHourUs, 3);  // ten years ahead
  send(analyst, metric, future);
  ASSERT_TRUE(foretold());
  send(analyst, metric, wear(240, 300));
  SampleColumns past;
  past.append(kMinuteUs, 3);  // 1970
  send(analyst, metric, past);
  for (const Prediction& life : factory_.predictions) {
    EXPECT_TRUE(!life.value || (std::isfinite(*life.value) && *life.value >= 0)) << life.reason;
  }
}

TEST_F(LimitWatchTest, WithItsLimitAPredictionGoesForGood) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  const std::int64_t id = limit(metric, 7.1);
  send(analyst, metric, wear(0, 240));
  ASSERT_TRUE(foretold());
  ASSERT_TRUE(factory_.store->catalog().delete_degradation_limit(id));
  send(analyst, metric, wear(240, 300));
  EXPECT_FALSE(foretold());
  limit(metric, 8);
  factory_.clock.advance(std::chrono::seconds(11));
  rest(analyst);
  ASSERT_TRUE(foretold());
  EXPECT_NE(foretold()->reason.find("the limit is 8"), std::string::npos) << foretold()->reason;
}

TEST_F(LimitWatchTest, AfterAServiceThePathBeginsAnew) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  limit(metric, 7.1);
  send(analyst, metric, wear(0, 240));
  ASSERT_TRUE(foretold() && foretold()->value);
  Label service{0,
                testing::device("000001"),
                testing::path("pump"),
                {},
                "service",
                "eve",
                "",
                from_us(kStartUs + 238 * kHourUs),
                {},
                {}};
  ASSERT_TRUE(factory_.store->catalog().create_label(service));
  send(analyst, metric, wear(240, 243));
  EXPECT_EQ(foretold()->no_life, NoLife::kPending);
  EXPECT_FALSE(foretold()->value) << foretold()->reason;
  service.path = testing::path("press");  // another place: nothing changes
  service.start = from_us(kStartUs + 300 * kHourUs);
  ASSERT_TRUE(factory_.store->catalog().create_label(service));
  send(analyst, metric, wear(243, 360));
  EXPECT_TRUE(foretold()->value) << foretold()->reason;
}

TEST_F(LimitWatchTest, OfARemovedDeviceNothingIsFollowed) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("pump", "vibration.rms");
  limit(metric, 7.1);
  send(analyst, metric, wear(0, 240));
  const auto series = factory_.store->catalog().remove_device(testing::device("000001"));
  ASSERT_TRUE(series);
  ASSERT_TRUE(factory_.store->samples().remove_series(*series));
  analyst.forget(testing::device("000001"));
  const std::size_t told = factory_.predictions.size();
  factory_.clock.advance(std::chrono::seconds(11));
  rest(analyst);
  EXPECT_EQ(factory_.predictions.size(), told);
}

}  // namespace
}  // namespace millwright
