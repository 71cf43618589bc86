// The scheduled tier and the relations of a place, on samples a minute apart.
#include <gtest/gtest.h>

#include <cmath>

#include "analyst/counter_check.h"
#include "analyst/tenant_analyst.h"
#include "analyst/testing/analyst_fixture.h"
#include "signal/random.h"

namespace millwright {
namespace {

using testing::AnalystFixture;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr int kDay = 1'440;  // minutes

class SlowTierTest : public ::testing::Test {
 protected:
  /// One sample of each metric; `observed` metrics only are shown to the analyst, all are stored.
  void send(TenantAnalyst& analyst, int minute,
            const std::vector<std::pair<Metric, double>>& values) {
    std::vector<StoredScalars> scalars;
    for (const auto& [metric, value] : values) {
      SampleColumns samples;
      samples.append(minute * kMinuteUs, value);
      scalars.push_back({metric, samples});
    }
    analyst.observe(factory_.stored(std::move(scalars)));
    while (analyst.read_a_past()) {
    }
  }
  std::vector<Anomaly> of_kind(const std::string& kind) {
    std::vector<Anomaly> found;
    for (const Anomaly& anomaly : factory_.kept_anomalies()) {
      if (anomaly.kind == kind) found.push_back(anomaly);
    }
    return found;
  }

  AnalystFixture factory_;
  WatchBudget budget_{100};
  TenantAnalyst analyst_{factory_.store, factory_.bus, factory_.clock, budget_};
  signal::RandomSource random_{1};
};

TEST_F(SlowTierTest, ACurrentThatSpeedAndLoadDoNotExplainIsTold) {
  const Metric speed = factory_.metric("motor", "speed"), load = factory_.metric("motor", "load"),
               current = factory_.metric("motor", "current");
  double drift = 0.0, wander = 0.0, other = 0.0;
  for (int i = 0; i < 1'400; ++i) {
    wander += 0.01 * random_.normal() - 0.005 * wander;
    other += 0.01 * random_.normal() - 0.005 * other;
    if (i >= 1'200) drift += 0.002;
    const double at_speed = 1500 * std::exp(wander), at_load = 40 * std::exp(other);
    send(analyst_, i,
         {{speed, at_speed},
          {load, at_load},
          {current, 0.0002 * at_speed * at_load * std::exp(drift + 0.003 * random_.normal())}});
  }
  const auto told = of_kind("relation");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_GE(to_us(told[0].start), 1'200 * kMinuteUs);
  EXPECT_NE(told[0].reason.find("explain"), std::string::npos) << told[0].reason;
}

TEST_F(SlowTierTest, AQuietNoonIsAnUnusualCourseAndIsOverAfterwards) {
  const Metric power = factory_.metric("oven", "power");
  for (int i = 0; i < 12 * kDay; ++i) {
    const double hour = 2 * 3.14159265358979 * (i % kDay) / kDay;
    const bool is_off = i >= 10 * kDay + 600 && i < 10 * kDay + 900;  // as low as at night, at noon
    const double usual = 20 - 8 * std::cos(hour);
    send(analyst_, i, {{power, (is_off ? 12.5 : usual) + 0.1 * random_.normal()}});
  }
  std::vector<Anomaly> told;
  for (const Anomaly& anomaly : factory_.kept_anomalies()) {
    const std::int64_t start = to_us(anomaly.start) / kMinuteUs;
    const bool is_slow = anomaly.kind == "shape" || anomaly.kind == "level_shift";
    if (is_slow && start >= 10 * kDay + 600 && start <= 10 * kDay + 960) told.push_back(anomaly);
  }
  ASSERT_GE(told.size(), 1U);
  EXPECT_TRUE(told[0].end);
}

TEST_F(SlowTierTest, AfterARestartItKnowsThePastFromTheStore) {
  const Metric first = factory_.metric("motor", "speed"), second = factory_.metric("motor", "flow");
  SampleColumns speed, flow;
  double wander = 0.0;
  for (int i = 0; i < kDay; ++i) {
    wander += 0.01 * random_.normal() - 0.005 * wander;
    speed.append(i * kMinuteUs, 1500 * std::exp(wander));
    flow.append(i * kMinuteUs, 30 * std::exp(wander + 0.003 * random_.normal()));
  }
  Append append;
  append.samples.append(first.series, speed);
  append.samples.append(second.series, flow);
  ASSERT_TRUE(factory_.store->samples().append({&append, 1}).front().has_value());
  // A new analyst sees twenty minutes, in which a third of the flow is lost.
  for (int i = kDay; i < kDay + 20; ++i) {
    wander += 0.01 * random_.normal() - 0.005 * wander;
    send(analyst_, i, {{first, 1500 * std::exp(wander)}, {second, 20 * std::exp(wander)}});
  }
  EXPECT_EQ(of_kind("relation").size(), 1U);
}

TEST_F(SlowTierTest, CountersAreLeftOut) {
  const Metric pieces = factory_.metric("press", "pieces"),
               strokes = factory_.metric("press", "strokes");
  double count = 0;
  for (int i = 0; i < 3'000; ++i) {
    count += i > 2'000 && i < 2'300 ? 0 : 12;  // stands still for five hours
    send(analyst_, i, {{pieces, count}, {strokes, 2 * count + (i > 2'000 ? 3.0 * i : 0.0)}});
  }
  EXPECT_TRUE(of_kind("relation").empty());
  EXPECT_TRUE(of_kind("shape").empty());
}

TEST(WatchBudget, SharesGoBackByThemselves) {
  WatchBudget budget(1);
  {
    const auto share = budget.take();
    EXPECT_TRUE(share);
    EXPECT_FALSE(budget.take());
  }
  EXPECT_TRUE(budget.take());
}

TEST(CounterCheck, KnowsWhatOnlyGrowsAndForgivesAStartFromZero) {
  CounterCheck counter, level;
  for (int i = 0; i < 400; ++i) {
    counter.note(i % 200);
    level.note(i % 3);
  }
  EXPECT_TRUE(counter.is_counter());
  EXPECT_FALSE(level.is_counter());
}

}  // namespace
}  // namespace millwright
