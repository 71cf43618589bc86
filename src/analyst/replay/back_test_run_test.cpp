#include "analyst/replay/back_test_run.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analyst/replay/testing/stored_tenant.h"
#include "analyst/tenant_analyst.h"
#include "ml/fault/gear_training.h"
#include "registry/memory/memory_model_registry.h"

namespace millwright {
namespace {

using backtest::AlarmVerdict;
using backtest::Detectors;
using backtest::Report;
using backtest::Request;
using testing::device;
using testing::kDayUs;
using testing::kFirstUs;
using testing::kHourUs;
using testing::kMinuteUs;
using testing::must;
using testing::path;
using testing::StoredTenant;

constexpr int kDay = 1'440;  // minutes

Request request(std::variant<Detectors, backtest::LimitRule, backtest::ModelOnTrial> subject) {
  return {std::move(subject),   {}, path(""), {}, {}, std::chrono::days(90),
          std::chrono::days(2), {}, {}};
}

class BackTestTest : public ::testing::TestWithParam<std::string> {
 protected:
  Result<Report> run(const Request& asked) {
    return run_back_test({factory_.store(), &registry_, clock_, {}, {}}, asked);
  }
  std::vector<Anomaly> kept_anomalies() {
    return must(factory_.catalog().anomalies(device("000001"), path(""), {0, std::int64_t{1} << 60},
                                             1'000));
  }
  /// 30 days of a press: hot from day 20 to 22 and, unlabelled, for six hours from day 10 on.
  Metric write_press() {
    const Metric metric = factory_.metric("line.press", "temperature");
    factory_.write(metric, StoredTenant::wandering(30 * kDay, 1, [](int i) {
                     const bool is_fault = i >= 20 * kDay && i < 22 * kDay;
                     const bool is_other = i >= 10 * kDay && i < 10 * kDay + 360;
                     return is_fault ? 12.0 : (is_other ? -8.0 : 0.0);
                   }));
    return metric;
  }

  StoredTenant factory_{GetParam()};
  ManualClock clock_{from_us(kFirstUs + 30 * kDayUs)};
  MemoryModelRegistry registry_{clock_};
};

TEST_P(BackTestTest, ALevelShiftAheadOfALabelIsAHitAndTheOtherShiftIsFalse) {
  write_press();
  factory_.label("line.press", "bearing_worn", kFirstUs + 20 * kDayUs + 12 * kHourUs,
                 kFirstUs + 22 * kDayUs);
  factory_.label("line.press", "oil_leak", kFirstUs + 26 * kDayUs, kFirstUs + 27 * kDayUs);
  const auto report = run(request(Detectors::kSeries));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->samples, 30U * kDay);
  EXPECT_EQ(report->metrics, 1U);
  const auto& classes = report->score.classes;
  ASSERT_EQ(classes.at("bearing_worn").found, 1U);
  const double lead_h = static_cast<double>(*classes.at("bearing_worn").median_lead_us) / 3.6e9;
  EXPECT_GT(lead_h, 11.5);
  EXPECT_LE(lead_h, 12.0);
  EXPECT_EQ(classes.at("oil_leak").found, 0U);
  EXPECT_GE(report->score.false_alarms, 1U);
  const bool has_other = std::any_of(
      report->alarms.begin(), report->alarms.end(), [](const backtest::RaisedAlarm& alarm) {
        const std::int64_t after_us = to_us(alarm.raised) - kFirstUs - 10 * kDayUs;
        return after_us >= 0 && after_us < 6 * kHourUs;
      });
  EXPECT_TRUE(has_other);
  EXPECT_NEAR(*report->score.false_alarms_a_week,
              static_cast<double>(report->score.false_alarms) / (30.0 / 7.0), 0.01);
}

TEST_P(BackTestTest, ItFindsWhatTheAnalystWouldHaveFoundLiveAndLeavesNoTrace) {
  const Metric metric = write_press();
  const auto report = run(request(Detectors::kSeries));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(kept_anomalies().empty());
  EXPECT_FALSE(must(factory_.catalog().state("analyst.detectors.000001")));

  testing::AnalystFixture live;  // for its bus and clock
  WatchBudget budget{1};
  TenantAnalyst analyst(std::shared_ptr<TenantStore>(&factory_.store(), [](TenantStore*) {}),
                        live.bus, live.clock, budget, {true, false, false});
  const auto samples =
      must(factory_.store().samples().read(metric.series, {0, std::int64_t{1} << 60}, 100'000));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    SampleColumns one;
    one.append(samples.timestamp_us[i], samples.value[i]);
    analyst.observe(live.stored({{metric, one}}));
  }
  auto found = kept_anomalies();
  std::reverse(found.begin(), found.end());
  ASSERT_EQ(found.size(), report->alarms.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].kind, report->alarms[i].kind);
    EXPECT_EQ(found[i].end, report->alarms[i].end);
    EXPECT_EQ(found[i].reason, report->alarms[i].reason);
    EXPECT_GE(report->alarms[i].raised, found[i].start);
  }

  const auto again = run(request(Detectors::kSeries));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->alarms.size(), report->alarms.size()) << "what was found live is hidden";
}

TEST_P(BackTestTest, ARuleIsRaisedWhenItHasHeldForItsTime) {
  write_press();
  factory_.label("line.press", "bearing_worn", kFirstUs + 20 * kDayUs + kHourUs,
                 kFirstUs + 22 * kDayUs);
  Request asked = request(backtest::LimitRule{true, 48.0, std::chrono::minutes(10)});
  auto report = run(asked);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->alarms.size(), 1U);
  EXPECT_EQ(to_us(report->alarms[0].raised), kFirstUs + 20 * kDayUs + 10 * kMinuteUs);
  EXPECT_EQ(to_us(*report->alarms[0].end), kFirstUs + 22 * kDayUs - kMinuteUs);
  EXPECT_NE(report->alarms[0].reason.find("temperature was above 48 for"), std::string::npos)
      << report->alarms[0].reason;
  EXPECT_EQ(report->score.all.median_lead_us, 50 * kMinuteUs);
  EXPECT_EQ(report->score.false_alarms, 0U);

  asked.subject = backtest::LimitRule{false, 35.0, std::chrono::hours(5)};
  report = run(asked);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->alarms.size(), 1U);
  EXPECT_EQ(report->score.false_alarms, 1U);
  EXPECT_EQ(report->score.all.found, 0U);
}

TEST_P(BackTestTest, AServiceIsNoEventAndItsAlarmsAreSetAside) {
  write_press();
  factory_.label("", "service", kFirstUs + 20 * kDayUs - kHourUs, kFirstUs + 22 * kDayUs);
  factory_.label("", "false_alarm", kFirstUs + 10 * kDayUs, kFirstUs + 11 * kDayUs);
  const auto high = run(request(backtest::LimitRule{true, 48.0, {}}));
  ASSERT_TRUE(high);
  EXPECT_EQ(high->score.set_aside, 1U);
  EXPECT_EQ(high->score.all.events, 0U);
  const auto low = run(request(backtest::LimitRule{false, 35.0, std::chrono::hours(1)}));
  ASSERT_TRUE(low);
  EXPECT_EQ(low->score.false_alarms, 1U) << "labelled a false alarm, it is one";
}

TEST_P(BackTestTest, LabelsOfAnotherPlaceMetricOrTimeDoNotCount) {
  const Metric temperature = write_press();
  factory_.metric("line.press", "force");
  const std::int64_t at_us = kFirstUs + 20 * kDayUs + kHourUs;
  factory_.label("line.saw", "broken", at_us, at_us + kHourUs);
  factory_.label("line.press", "broken", at_us, at_us + kHourUs, "000001",
                 must(MetricId::parse("force")));
  factory_.label("line.press", "broken", at_us, at_us + kHourUs, "000002");
  factory_.label("line.press", "broken", kFirstUs - 5 * kDayUs, kFirstUs - 4 * kDayUs);
  Request asked = request(backtest::LimitRule{true, 48.0, {}});
  auto report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->score.false_alarms, 1U);
  EXPECT_EQ(report->score.all.found, 0U);
  EXPECT_EQ(report->score.all.events, 2U) << "the saw's and the force's are missed";

  asked.metric = temperature.key.metric;
  asked.path = path("line.press");
  asked.device = device("000001");
  report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->score.all.events, 0U) << "nothing that was tried could have found them";

  factory_.label("line", "broken", at_us, std::nullopt);
  report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->score.all.found, 1U) << "the place above has it, too";
}

TEST_P(BackTestTest, OnlyClassesThatAreAskedForAreEvents) {
  write_press();
  const std::int64_t at_us = kFirstUs + 20 * kDayUs + kHourUs;
  factory_.label("", "worn", at_us, at_us + kHourUs);
  factory_.label("", "dirty", at_us, at_us + kHourUs);
  Request asked = request(backtest::LimitRule{true, 48.0, {}});
  asked.classes = {"dirty"};
  const auto report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->score.classes.size(), 1U);
  EXPECT_EQ(report->score.classes.at("dirty").found, 1U);
}

TEST_P(BackTestTest, ThePeriodIsTheNewestDaysOrThoseThatAreNamed) {
  write_press();
  Request asked = request(backtest::LimitRule{false, 35.0, std::chrono::hours(1)});
  asked.period = std::chrono::days(15);
  auto report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->alarms.empty()) << "day 10 is too long ago";
  EXPECT_EQ(report->samples, 15U * kDay);
  asked.end = from_us(kFirstUs + 12 * kDayUs);
  report = run(asked);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->alarms.size(), 1U);
  EXPECT_EQ(report->samples, 12U * kDay);
}

TEST_P(BackTestTest, AnEventSoonAfterTheLastSampleCouldHaveBeenForetold) {
  write_press();
  clock_.advance(std::chrono::days(10));
  factory_.label("", "stopped", kFirstUs + 31 * kDayUs, std::nullopt);
  factory_.label("", "sold", kFirstUs + 35 * kDayUs, std::nullopt);
  const auto report = run(request(backtest::LimitRule{true, 48.0, {}}));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->score.classes.count("stopped"), 1U);
  EXPECT_EQ(report->score.classes.count("sold"), 0U);
}

TEST_P(BackTestTest, RelationsOfAPlaceAreTriedAsTheyRunLive) {
  const Metric speed = factory_.metric("motor", "speed"), load = factory_.metric("motor", "load"),
               current = factory_.metric("motor", "current");
  SampleColumns speeds, loads, currents;
  signal::RandomSource random(1);
  double drift = 0.0, wander = 0.0, other = 0.0;
  for (int i = 0; i < 1'400; ++i) {
    wander += 0.01 * random.normal() - 0.005 * wander;
    other += 0.01 * random.normal() - 0.005 * other;
    if (i >= 1'200) drift += 0.002;
    const double at_speed = 1500 * std::exp(wander), at_load = 40 * std::exp(other);
    const std::int64_t at_us = kFirstUs + i * kMinuteUs;
    speeds.append(at_us, at_speed);
    loads.append(at_us, at_load);
    currents.append(at_us, 0.0002 * at_speed * at_load * std::exp(drift + 0.003 * random.normal()));
  }
  factory_.write(speed, speeds);
  factory_.write(load, loads);
  factory_.write(current, currents);
  factory_.label("motor", "bearing_drags", kFirstUs + 1'390 * kMinuteUs, std::nullopt);
  const auto report = run(request(Detectors::kRelations));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->alarms.size(), 1U);
  EXPECT_EQ(report->alarms[0].kind, "relation");
  EXPECT_FALSE(report->alarms[0].metric) << "it is of the place";
  EXPECT_GE(to_us(report->alarms[0].raised), kFirstUs + 1'200 * kMinuteUs);
  EXPECT_EQ(report->score.alarms[0], AlarmVerdict::kHit);
  EXPECT_TRUE(kept_anomalies().empty());
}

TEST_P(BackTestTest, AModelIsTriedOnTheBurstsOfItsInputs) {
  const auto trained =
      must(ml::train_gear(ml::simulate_gear_runs(7, 3, 1'024), 7, [](const std::string&) {}));
  ASSERT_TRUE(registry_.put("gear", std::nullopt, trained.file, nlohmann::json::object()));
  const Metric x = factory_.metric("motor1", "x_axis", MetricType::kWaveform);
  const Metric y = factory_.metric("motor1", "y_axis", MetricType::kWaveform);
  factory_.metric("motor1", "temperature");
  std::map<std::string, ml::GearRun> runs;  // by condition, of machines that did not train
  for (ml::GearRun& each : ml::simulate_gear_runs(99, 1, 4'096)) {
    runs.try_emplace(each.condition, std::move(each));
  }
  int at = 0;
  for (const char* condition : {"no_fault", "missing_tooth"}) {
    const ml::GearRun& recorded = runs.at(condition);
    for (std::size_t i = 0; i < 16; ++i, ++at) {
      for (const auto& [metric, axis] :
           {std::pair(x, &recorded.x_axis), std::pair(y, &recorded.y_axis)}) {
        const auto from = axis->begin() + static_cast<std::ptrdiff_t>(i % 4 * 1'024);
        factory_.write(metric, Waveform{kFirstUs + at * kMinuteUs, recorded.sample_rate_hz,
                                        std::vector<float>(from, from + 1'024)});
      }
    }
  }
  factory_.label("motor1", "tooth_out", kFirstUs + 30 * kMinuteUs, std::nullopt);
  Request asked = request(backtest::ModelOnTrial{"gear", 1});
  asked.horizon = std::chrono::minutes(13);
  const auto report = run(asked);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->metrics, 2U);
  ASSERT_GE(report->alarms.size(), 1U);
  EXPECT_EQ(report->alarms.back().kind, "missing_tooth");
  EXPECT_EQ(report->score.all.found, 1U);
  EXPECT_EQ(report->score.all.median_lead_us, 12 * kMinuteUs) << "the third burst on end tells";
  EXPECT_TRUE(must(factory_.catalog().predictions(device("000001"), path(""))).empty());

  EXPECT_EQ(run(request(backtest::ModelOnTrial{"gear", {}})).error().code, ErrorCode::kNotFound)
      << "none is live";
  EXPECT_EQ(run(request(backtest::ModelOnTrial{"gear", 2})).error().code, ErrorCode::kNotFound);
}

TEST_P(BackTestTest, WhatCannotBeTriedIsNamed) {
  const auto code = [&](const Request& asked) {
    const auto report = run(asked);
    return report ? ErrorCode{} : report.error().code;
  };
  Request asked = request(Detectors::kAll);
  EXPECT_EQ(code(asked), ErrorCode::kNotFound) << "no device has a metric";
  write_press();
  asked.device = device("000009");
  EXPECT_EQ(code(asked), ErrorCode::kNotFound);
  asked = request(Detectors::kAll);
  asked.metric = must(MetricId::parse("pressure"));
  EXPECT_NE(run(asked).error().message.find("'pressure'"), std::string::npos);
  asked = request(Detectors::kAll);
  asked.period = Microseconds{0};
  EXPECT_EQ(code(asked), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(request(backtest::LimitRule{true, std::nan(""), {}})),
            ErrorCode::kInvalidArgument);
  asked = request(Detectors::kSeries);
  asked.most_samples = 1'000;
  EXPECT_EQ(code(asked), ErrorCode::kResourceExhausted);
}

TEST_P(BackTestTest, ARuleThatFiresAllTheTimeIsRefused) {
  const Metric metric = factory_.metric("line", "level");
  SampleColumns samples;
  for (int i = 0; i < 200'100; ++i) samples.append(kFirstUs + i * std::int64_t{1'000'000}, i % 2);
  factory_.write(metric, samples);
  const auto report = run(request(backtest::LimitRule{true, 0.5, {}}));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kResourceExhausted);
}

TEST_P(BackTestTest, WithoutSamplesTheReportIsEmpty) {
  factory_.metric("line", "level");
  const auto report = run(request(Detectors::kAll));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->samples, 0U);
  EXPECT_FALSE(report->score.false_alarms_a_week);
}

INSTANTIATE_TEST_SUITE_P(Stores, BackTestTest, ::testing::Values("memory", "sqlite"),
                         [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace millwright
