#include "ml/anomaly/alarm_budget.h"

#include <gtest/gtest.h>

#include <random>

#include "ml/anomaly/tail_scale.h"

namespace millwright::ml {
namespace {

TEST(AlarmBudget, ARestFollowsAnAlarm) {
  AlarmBudget budget({.rest = 10});
  EXPECT_TRUE(budget.raises(9.0));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(budget.raises(9.0));
  EXPECT_TRUE(budget.raises(9.0));
}

TEST(AlarmBudget, AlarmsRaiseTheLimitAndQuietLowersIt) {
  AlarmBudget budget({.rest = 0});
  const double before = budget.limit();
  EXPECT_TRUE(budget.raises(20.0));
  EXPECT_GT(budget.limit(), before);
  for (int i = 0; i < 100'000; ++i) budget.raises(0.0);
  EXPECT_DOUBLE_EQ(budget.limit(), 2.5);
  for (int i = 0; i < 100; ++i) budget.raises(20.0);
  EXPECT_LE(budget.limit(), 7.5);
}

TEST(TailScale, SaysHowRareAValueIs) {
  std::mt19937 random(1);
  std::exponential_distribution<double> tail(1.0);
  TailScale scale(100);
  for (int i = 0; i < 4096; ++i) scale.judge(tail(random));
  // For this distribution -ln P is the value itself.
  EXPECT_NEAR(*scale.judge(7.0), 7.0, 0.8);
  EXPECT_EQ(*scale.judge(0.1), 0.0);
}

TEST(TailScale, IsSilentUntilItKnowsEnough) {
  TailScale scale(30);
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(scale.judge(1.0));
  ASSERT_TRUE(scale.judge(1.0));
  EXPECT_GT(*scale.judge(2.0), 100.0);  // nothing but ones before
}

}  // namespace
}  // namespace millwright::ml
