#include "ml/anomaly/limit_rule.h"

#include <gtest/gtest.h>

#include <limits>

namespace millwright::ml {
namespace {

TEST(LimitRule, OpensWhenTheValueHasStayedAboveAndClosesWhenItIsBack) {
  LimitRule rule({true, 10.0, 30});
  EXPECT_FALSE(rule.update(0, 11.0));
  EXPECT_FALSE(rule.update(20, 13.0));
  const auto opened = rule.update(30, 12.0);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->is_open);
  EXPECT_EQ(opened->start_us, 0);
  EXPECT_EQ(opened->end_us, 30);
  EXPECT_EQ(opened->extreme, 13.0);
  EXPECT_FALSE(rule.update(40, 14.0)) << "told once";
  const auto closed = rule.update(50, 10.0);
  ASSERT_TRUE(closed) << "at the limit is not above it";
  EXPECT_FALSE(closed->is_open);
  EXPECT_EQ(closed->end_us, 40);
  EXPECT_EQ(closed->extreme, 14.0);
}

TEST(LimitRule, AShortExcursionSaysNothing) {
  LimitRule rule({true, 10.0, 30});
  EXPECT_FALSE(rule.update(0, 11.0));
  EXPECT_FALSE(rule.update(20, 9.0));
  EXPECT_FALSE(rule.update(31, 11.0)) << "the time begins anew";
  EXPECT_FALSE(rule.update(60, 11.0));
  EXPECT_TRUE(rule.update(61, 11.0));
}

TEST(LimitRule, BelowWithoutATimeNeedsOneSample) {
  LimitRule rule({false, 2.0, 0});
  EXPECT_FALSE(rule.update(0, 2.0));
  const auto opened = rule.update(1, 1.5);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->extreme, 1.5);
}

TEST(LimitRule, WhatIsNoNumberOrNotNewIsIgnored) {
  LimitRule rule({true, 10.0, 0});
  EXPECT_FALSE(rule.update(0, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(rule.update(0, std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(rule.update(5, 11.0));
  EXPECT_FALSE(rule.update(5, 9.0));
  EXPECT_FALSE(rule.update(4, 9.0));
  EXPECT_TRUE(rule.update(6, 9.0));
}

}  // namespace
}  // namespace millwright::ml
