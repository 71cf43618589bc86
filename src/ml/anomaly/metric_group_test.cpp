#include "ml/anomaly/metric_group.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace millwright::ml {
namespace {

/// Speed wanders; current follows it; temperature is on its own.
class Machine {
 public:
  explicit Machine(std::uint32_t seed) : random_(seed) {}
  std::vector<double> row(double current_offset = 0.0) {
    speed_ = 0.9 * speed_ + noise_(random_);
    return {100.0 + speed_, 5.0 + 0.2 * speed_ + 0.02 * noise_(random_) + current_offset,
            40.0 + 0.5 * noise_(random_)};
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> noise_;
  double speed_ = 0.0;
};

MetricGroup learnt(Machine& machine) {
  std::vector<double> rows;
  for (int i = 0; i < 400; ++i) {
    const auto row = machine.row();
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return MetricGroup::learn(rows, 3).value();
}

// The current stays within its own range all the time: only its relation to the speed is broken.
TEST(MetricGroup, FindsABrokenRelationAndNamesTheMetric) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Machine machine(seed);
    MetricGroup group = learnt(machine);
    for (int i = 0; i < 2'000; ++i) ASSERT_LT(group.update(machine.row())->distance, 1.0) << i;
    std::optional<GroupScore> score;
    for (int i = 0; i < 30; ++i) score = group.update(machine.row(0.4));
    EXPECT_GT(score->distance, 1.0);
    EXPECT_GT(score->deviations[1], 3.0);
    const std::vector<std::string> names{"speed", "current", "temperature"};
    const std::string reason = MetricGroup::reason(*score, names);
    EXPECT_NE(reason.find("current"), std::string::npos) << reason;
    EXPECT_EQ(reason.find("temperature"), std::string::npos) << reason;
  }
}

TEST(MetricGroup, AConstantMetricAndMissingValuesAreNoAlarm) {
  std::vector<double> rows;
  Machine machine(1);
  for (int i = 0; i < 100; ++i) {
    rows.push_back(machine.row()[0]);
    rows.push_back(7.0);
  }
  MetricGroup group = MetricGroup::learn(rows, 2).value();
  const std::vector<double> usual{100.0, 7.0};
  EXPECT_LT(group.update(usual)->distance, 1.0);
  const std::vector<double> missing{std::numeric_limits<double>::quiet_NaN(), 7.0};
  EXPECT_FALSE(group.update(missing));
  EXPECT_FALSE(group.update(std::vector<double>{1.0}));
  EXPECT_LT(group.update(usual)->distance, 1.0);
}

TEST(MetricGroup, RefusesTooFewRowsAndNumbersThatAreNone) {
  EXPECT_FALSE(MetricGroup::learn({}, 0));
  EXPECT_FALSE(MetricGroup::learn(std::vector<double>(29, 1.0), 3));
  EXPECT_FALSE(MetricGroup::learn(std::vector<double>(57, 1.0), 3));
  std::vector<double> rows(60, 1.0);
  EXPECT_TRUE(MetricGroup::learn(rows, 2));
  rows[7] = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(MetricGroup::learn(rows, 2));
}

}  // namespace
}  // namespace millwright::ml
