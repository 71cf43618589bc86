#include "analyst/tenant_analyst.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analyst/testing/analyst_fixture.h"

namespace millwright {
namespace {

using testing::AnalystFixture;

constexpr std::int64_t kSecond = 1'000'000;

/// A steady signal with a little scatter; `offset` is added from `from` on.
SampleColumns steady(int first, int count, double offset = 0) {
  SampleColumns samples;
  for (int i = first; i < first + count; ++i) {
    samples.append(i * kSecond, 20 + 0.1 * std::sin(i * 12.9898) + offset);
  }
  return samples;
}

Waveform burst(std::int64_t start_us, float first, std::size_t n = 8, double rate = 5'000) {
  Waveform block{start_us, rate, {}};
  for (std::size_t i = 0; i < n; ++i) block.value.push_back(first + static_cast<float>(i));
  return block;
}

class TenantAnalystTest : public ::testing::Test {
 protected:
  TenantAnalyst make() {
    TenantAnalyst analyst(factory_.store, factory_.bus, factory_.clock, budget_);
    analyst.set_models(models_);
    return analyst;
  }

  AnalystFixture factory_;
  WatchBudget budget_{100};
  LiveModels models_{{std::make_shared<testing::FakeBurstModel>()},
                     {std::make_shared<testing::FakeLifeModel>()}};
};

using AnalystAnomalies = TenantAnalystTest;
using AnalystFaults = TenantAnalystTest;
using AnalystLives = TenantAnalystTest;

TEST_F(AnalystAnomalies, AJumpIsStoredPublishedAndClosedUnderOneId) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("motor", "temperature");
  analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
  EXPECT_TRUE(factory_.anomalies.empty());

  analyst.observe(factory_.stored({{metric, steady(400, 3, 15)}}));
  ASSERT_EQ(factory_.kept_anomalies().size(), 1U);
  const Anomaly open = factory_.kept_anomalies().front();
  EXPECT_FALSE(open.end);
  EXPECT_EQ(open.key, metric.key);
  EXPECT_EQ(to_us(open.start), 400 * kSecond);
  EXPECT_GT(open.severity, 5);
  EXPECT_FALSE(open.reason.empty());

  analyst.observe(factory_.stored({{metric, steady(403, 200)}}));
  const auto kept = factory_.kept_anomalies();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().id, open.id);
  ASSERT_TRUE(kept.front().end);
  EXPECT_EQ(factory_.anomalies.back().id, open.id);
  EXPECT_TRUE(factory_.anomalies.back().end);
}

TEST_F(AnalystAnomalies, AMetricThatStopsWhileItsDeviceGoesOnIsTold) {
  TenantAnalyst analyst = make();
  const Metric stops = factory_.metric("motor", "temperature");
  const Metric goes_on = factory_.metric("motor", "current");
  analyst.observe(factory_.stored({{stops, steady(0, 400)}, {goes_on, steady(0, 400)}}));
  analyst.observe(factory_.stored({{goes_on, steady(400, 200)}}));
  const auto kept = factory_.kept_anomalies();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().key, stops.key);
  EXPECT_EQ(kept.front().kind, "dropped_data");
  analyst.observe(factory_.stored({{stops, steady(600, 1)}, {goes_on, steady(600, 1)}}));
  EXPECT_TRUE(factory_.kept_anomalies().front().end);
  // The whole device is off for an hour: nobody is missing.
  analyst.observe(factory_.stored({{stops, steady(4200, 1)}, {goes_on, steady(4200, 1)}}));
  EXPECT_EQ(factory_.kept_anomalies().size(), 1U);
}

TEST_F(AnalystAnomalies, GrowthIsWrittenAtMostEveryFiveSeconds) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("motor", "temperature");
  analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
  SampleColumns climb;
  for (int i = 0; i < 100; ++i) climb.append((400 + i) * kSecond, 30 + 2.0 * i);
  analyst.observe(factory_.stored({{metric, climb}}));
  // The clock stands still: what is written are the opening and changes of kind.
  EXPECT_GE(factory_.anomalies.size(), 1U);
  EXPECT_LE(factory_.anomalies.size(), 5U);
}

TEST_F(AnalystAnomalies, WhatWasLearntAndWhatIsOpenSurvivesARestart) {
  const Metric metric = factory_.metric("motor", "temperature");
  {
    TenantAnalyst analyst = make();
    analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
    analyst.observe(factory_.stored({{metric, steady(400, 3, 15)}}));
    analyst.save();
  }
  const auto open = factory_.kept_anomalies();
  ASSERT_EQ(open.size(), 1U);
  TenantAnalyst again = make();
  again.observe(factory_.stored({{metric, steady(403, 200)}}));
  const auto kept = factory_.kept_anomalies();
  ASSERT_EQ(kept.size(), 1U);  // closed, not opened anew
  EXPECT_EQ(kept.front().id, open.front().id);
  EXPECT_TRUE(kept.front().end);
  again.observe(factory_.stored({{metric, steady(603, 3, 15)}}));
  EXPECT_EQ(factory_.kept_anomalies().size(), 2U);  // it still knows what is usual
}

TEST_F(AnalystAnomalies, AnAnomalyWhoseDetectorWasLostIsClosedAndSaysSo) {
  const Metric metric = factory_.metric("motor", "temperature");
  {
    TenantAnalyst analyst = make();
    analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
    analyst.observe(factory_.stored({{metric, steady(400, 3, 15)}}));
  }  // a crash: nothing was saved
  ASSERT_TRUE(factory_.store->catalog()
                  .record_activity(testing::device("000001"), from_us(402 * kSecond))
                  .has_value());
  TenantAnalyst again = make();
  again.observe(factory_.stored({{metric, steady(500, 1)}}));
  const auto kept = factory_.kept_anomalies();
  ASSERT_EQ(kept.size(), 1U);
  ASSERT_TRUE(kept.front().end);
  EXPECT_EQ(to_us(*kept.front().end), 402 * kSecond);
  EXPECT_NE(kept.front().reason.find("The analyst stopped"), std::string::npos);
}

TEST_F(AnalystAnomalies, DamagedStateIsLearntAnew) {
  ASSERT_TRUE(factory_.store->catalog()
                  .put_state("analyst.detectors.000001", "\xA1\x66nonsense")
                  .has_value());
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("motor", "temperature");
  analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
  analyst.observe(factory_.stored({{metric, steady(400, 3, 15)}}));
  EXPECT_EQ(factory_.kept_anomalies().size(), 1U);
}

TEST_F(AnalystAnomalies, AChangedVibrationIsFoundByItsFeatures) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("motor", "vibration", MetricType::kWaveform);
  const auto shaken = [&](int i, float amplitude) {
    Waveform block{i * 30 * kSecond, 5'000, {}};
    for (int k = 0; k < 256; ++k) {
      const double phase = 0.3 * k + i;
      block.value.push_back(amplitude * static_cast<float>(std::sin(phase)) +
                            0.01F * static_cast<float>(std::sin(12.9898 * (k + 256 * i))));
    }
    return block;
  };
  for (int i = 0; i < 60; ++i) {
    analyst.observe(factory_.stored({}, {{metric, shaken(i, 1.0F)}}));
  }
  EXPECT_TRUE(factory_.kept_anomalies().empty());
  for (int i = 60; i < 63; ++i) {
    analyst.observe(factory_.stored({}, {{metric, shaken(i, 3.0F)}}));
  }
  const auto kept = factory_.kept_anomalies();
  ASSERT_FALSE(kept.empty());
  const bool has_rms = std::any_of(kept.begin(), kept.end(), [](const Anomaly& anomaly) {
    return anomaly.reason.find("rms of vibration") != std::string::npos;
  });
  EXPECT_TRUE(has_rms) << kept.front().reason;
}

TEST_F(AnalystFaults, ABurstIsJudgedWhenAllAxesHaveCome) {
  TenantAnalyst analyst = make();
  const Metric x = factory_.metric("motor1", "vibration.gear1.x_axis", MetricType::kWaveform);
  const Metric y = factory_.metric("motor1", "vibration.gear1.y_axis", MetricType::kWaveform);
  analyst.observe(factory_.stored({}, {{x, burst(1'000, 7)}}));
  EXPECT_TRUE(factory_.predictions.empty());
  analyst.observe(factory_.stored({}, {{y, burst(1'000, 9)}}));
  ASSERT_EQ(factory_.predictions.size(), 1U);
  const Prediction& made = factory_.predictions.front();
  EXPECT_EQ(made.kind, PredictionKind::kFaultClass);
  EXPECT_EQ(made.path, testing::path("motor1"));
  EXPECT_EQ(made.model, "fake_gear");
  EXPECT_EQ(made.version, "3");
  EXPECT_EQ(made.predicted, "class_7");
  EXPECT_EQ(made.probability, 0.9);
  EXPECT_EQ(to_us(made.at), 1'000);
  ASSERT_EQ(factory_.kept_predictions().size(), 1U);
  EXPECT_EQ(factory_.kept_predictions().front().predicted, "class_7");
}

TEST_F(AnalystFaults, AxesOfDifferentStartsPathsAndDevicesAreNotMixed) {
  TenantAnalyst analyst = make();
  const auto axis = [&](const char* at, const char* name, const char* id) {
    return factory_.metric(at, name, MetricType::kWaveform, id);
  };
  const Metric x = axis("motor1", "x_axis", "000001");
  analyst.observe(factory_.stored({}, {{x, burst(1'000, 1)},
                                       {axis("motor1", "y_axis", "000001"), burst(2'000, 1)},
                                       {axis("motor2", "y_axis", "000001"), burst(1'000, 1)},
                                       {axis("motor1", "y_axis", "000002"), burst(1'000, 1)},
                                       {axis("motor1", "b.y_axis", "000001"), burst(1'000, 1)},
                                       {axis("motor1", "xy_axis", "000001"), burst(1'000, 1)}}));
  EXPECT_TRUE(factory_.predictions.empty());
}

TEST_F(AnalystFaults, OldShortAndUnequalBurstsAreLeftAlone) {
  TenantAnalyst analyst = make();
  const Metric x = factory_.metric("m", "x_axis", MetricType::kWaveform);
  const Metric y = factory_.metric("m", "y_axis", MetricType::kWaveform);
  const auto both = [&](Waveform first, Waveform second) {
    analyst.observe(factory_.stored({}, {{x, std::move(first)}, {y, std::move(second)}}));
    return factory_.predictions.size();
  };
  EXPECT_EQ(both(burst(5'000, 1), burst(5'000, 1, 5)), 1U);
  EXPECT_EQ(factory_.predictions.back().reason, "5 samples");  // cut to the shorter
  EXPECT_EQ(both(burst(4'000, 1), burst(4'000, 1)), 1U);       // older than the judged one
  EXPECT_EQ(both(burst(5'000, 1), burst(5'000, 1)), 1U);       // the same once more
  EXPECT_EQ(both(burst(6'000, 1, 3), burst(6'000, 1, 3)), 1U);
  EXPECT_EQ(both(burst(7'000, 1), burst(7'000, 1, 8, 12'000)), 1U);
  EXPECT_EQ(both(burst(8'000, -1), burst(8'000, 1)), 1U);  // the model refuses
  EXPECT_EQ(both(burst(9'000, 2), burst(9'000, 1)), 2U);
}

TEST_F(AnalystLives, ARowOfAllInputsIsAVerdict) {
  TenantAnalyst analyst = make();
  const Metric s2 = factory_.metric("engine", "s2");
  const Metric s3 = factory_.metric("engine", "s3");
  const Metric cycle = factory_.metric("engine", "cycle");
  analyst.observe(factory_.stored({{s2, {{1'000}, {5}}}, {cycle, {{1'000}, {40}}}}));
  EXPECT_TRUE(factory_.predictions.empty());
  analyst.observe(factory_.stored({{s3, {{1'000}, {7}}}}));
  ASSERT_EQ(factory_.predictions.size(), 1U);
  const Prediction& made = factory_.predictions.front();
  EXPECT_EQ(made.kind, PredictionKind::kRemainingUsefulLife);
  EXPECT_EQ(made.value, 60);
  EXPECT_EQ(made.lower, 55);
  EXPECT_EQ(made.upper, 67);
  EXPECT_EQ(made.unit, "cycles");
  EXPECT_EQ(made.path, testing::path("engine"));
}

TEST_F(AnalystLives, ManyRowsOfOneCommitAreFollowedInOrderAndJudgedOnce) {
  TenantAnalyst analyst = make();
  SampleColumns s2, s3, cycle;
  for (int i = 1; i <= 600; ++i) {
    s2.append(i * kSecond, 1);
    s3.append(i * kSecond, 1);
    cycle.append(i * kSecond, i <= 500 ? i : i - 500);  // the second unit starts after 500
  }
  analyst.observe(factory_.stored({{factory_.metric("engine", "s2"), s2},
                                   {factory_.metric("engine", "s3"), s3},
                                   {factory_.metric("engine", "cycle"), cycle}}));
  ASSERT_EQ(factory_.predictions.size(), 1U);
  EXPECT_EQ(factory_.predictions.front().value, 0);
  EXPECT_EQ(factory_.predictions.front().reason, "100 rows");
}

TEST_F(AnalystLives, ARestartReadsThePresentLifeFromTheStore) {
  const Metric s2 = factory_.metric("engine", "s2");
  const Metric s3 = factory_.metric("engine", "s3");
  const Metric cycle = factory_.metric("engine", "cycle");
  Append append;
  for (const Metric& metric : {s2, s3, cycle}) {
    SampleColumns samples;
    for (int i = 1; i <= 50; ++i) samples.append(i * 3600 * kSecond, i);
    append.samples.append(metric.series, samples);
  }
  ASSERT_TRUE(factory_.store->samples().append({&append, 1}).front().has_value());
  TenantAnalyst analyst = make();
  const auto at = [](double value) { return SampleColumns{{51 * 3600 * kSecond}, {value}}; };
  analyst.observe(factory_.stored({{s2, at(1)}, {s3, at(1)}, {cycle, at(51)}}));
  ASSERT_EQ(factory_.predictions.size(), 1U);
  EXPECT_EQ(factory_.predictions.front().reason, "51 rows");
}

TEST_F(TenantAnalystTest, AModelThatStaysLiveKeepsWhatItFollows) {
  TenantAnalyst analyst = make();
  const Metric x = factory_.metric("m", "x_axis", MetricType::kWaveform);
  const Metric y = factory_.metric("m", "y_axis", MetricType::kWaveform);
  analyst.observe(factory_.stored({}, {{x, burst(1'000, 1)}}));
  analyst.set_models(models_);
  analyst.observe(factory_.stored({}, {{y, burst(1'000, 1)}}));
  EXPECT_EQ(factory_.predictions.size(), 1U);

  analyst.observe(factory_.stored({}, {{x, burst(2'000, 1)}}));
  analyst.set_models({});
  analyst.observe(factory_.stored({}, {{y, burst(2'000, 1)}}));
  EXPECT_EQ(factory_.predictions.size(), 1U);
}

TEST_F(TenantAnalystTest, ARemovedDeviceIsForgotten) {
  TenantAnalyst analyst = make();
  const Metric metric = factory_.metric("motor", "temperature");
  analyst.observe(factory_.stored({{metric, steady(0, 400)}}));
  analyst.save();
  analyst.forget(testing::device("000001"));
  const auto saved = factory_.store->catalog().state("analyst.detectors.000001");
  ASSERT_TRUE(saved);
  EXPECT_TRUE(!*saved || (*saved)->empty());
  analyst.observe(factory_.stored({{metric, steady(400, 3, 15)}}));
  EXPECT_TRUE(factory_.kept_anomalies().empty());  // it learns again
}

}  // namespace
}  // namespace millwright
