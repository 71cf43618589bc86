#include "ml/evaluation/nab_score.h"

#include <gtest/gtest.h>

namespace millwright::ml {
namespace {

constexpr NabWindow kWindow{2000, 2199};

double standard(std::vector<std::size_t> alarms) {
  const NabSeries series{4000, {kWindow}, std::move(alarms)};
  return nab_score(std::span(&series, 1), kNabStandard);
}

TEST(NabScore, SilenceIsZeroAndAnAlarmAtTheStartIsAHundred) {
  EXPECT_DOUBLE_EQ(standard({}), 0.0);
  EXPECT_NEAR(standard({kWindow.first}), 100.0, 1e-9);
}

TEST(NabScore, TheEarlierInsideTheWindowTheBetterAndOnlyTheFirstCounts) {
  EXPECT_GT(standard({2050}), standard({2150}));
  EXPECT_GT(standard({2199}), 50.0);  // late, but no miss
  EXPECT_DOUBLE_EQ(standard({2050, 2060, 2070}), standard({2050}));
}

TEST(NabScore, AnAlarmOutsideCostsLessShortlyBehindAWindow) {
  EXPECT_NEAR(standard({2000, 3500}), 100.0 - 5.5, 1e-9);  // 0.11 of two
  EXPECT_NEAR(standard({1000, 2000}), 100.0 - 5.5, 1e-9);
  EXPECT_GT(standard({2000, 2210}), standard({2000, 3500}));
  EXPECT_LT(standard({2000, 2210}), 100.0);
}

TEST(NabScore, ProfilesWeighFalseAlarmsAndMisses) {
  const NabSeries series{4000, {kWindow, {3000, 3199}}, {1000, 2000}};
  const auto of = [&](const NabProfile& profile) {
    return nab_score(std::span(&series, 1), profile);
  };
  EXPECT_LT(of(kNabLowFalsePositives), of(kNabStandard));
  // One of two found is half of the way; missing the other one costs more of a larger scale.
  EXPECT_NEAR(of({0.0, 1.0}), 50.0, 1e-9);
  EXPECT_NEAR(of({0.0, 2.0}), 50.0, 1e-9);
}

TEST(NabScore, TheBeginningIsNotScored) {
  EXPECT_EQ(nab_probation(4000), 600u);
  EXPECT_EQ(nab_probation(22695), 750u);
  EXPECT_DOUBLE_EQ(standard({10, 599}), 0.0);
  EXPECT_LT(standard({600}), 0.0);
}

TEST(NabScore, TellsWhichWindowsWereFound) {
  const NabSeries series{4000, {kWindow, {3000, 3199}}, {2100}};
  EXPECT_EQ(nab_found(series), (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace millwright::ml
