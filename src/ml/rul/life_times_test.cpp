#include "ml/rul/life_times.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

/// Weeks in remission of 21 patients with leukaemia on 6-MP (Freireich et al. 1963).
std::vector<LifeTime> remissions() {
  std::vector<LifeTime> lives;
  for (const double t : {6, 6, 6, 7, 10, 13, 16, 22, 23}) lives.push_back({t, true});
  for (const double t : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}) lives.push_back({t, false});
  return lives;
}

/// Kilometres of 38 shock absorbers, two ways of failing (O'Connor 1985; Meeker & Escobar 1998,
/// table C.2).
std::vector<LifeTime> shock_absorbers() {
  std::vector<LifeTime> lives;
  for (const double t :
       {6700, 9120, 12200, 13150, 14300, 17520, 20100, 20900, 22700, 26510, 27490}) {
    lives.push_back({t, true});
  }
  for (const double t : {6950,  7820,  8790,  9660,  9820,  11310, 11690, 11850, 11880,
                         12140, 12870, 13330, 13470, 14040, 17540, 17890, 18450, 18960,
                         18980, 19410, 20100, 20150, 20320, 23490, 27410, 27890, 28100}) {
    lives.push_back({t, false});
  }
  return lives;
}

TEST(KaplanMeier, AgreesWithThePublishedRemissions) {
  const auto steps = kaplan_meier(remissions());
  ASSERT_TRUE(steps);
  EXPECT_EQ(steps->size(), 7u);
  EXPECT_EQ(survival_at(*steps, 5.9), 1.0);
  for (const auto& [time, survival] :
       {std::pair(6.0, 0.857), std::pair(7.0, 0.807), std::pair(10.0, 0.753),
        std::pair(13.0, 0.690), std::pair(16.0, 0.627), std::pair(22.0, 0.538),
        std::pair(23.0, 0.448), std::pair(99.0, 0.448)}) {
    EXPECT_NEAR(survival_at(*steps, time), survival, 6e-4) << time;
  }
  EXPECT_EQ(steps->at(2).at_risk, 15u);  // a patient lost in week 10 was watched in week 10
  EXPECT_EQ(steps->at(0).failures, 3u);
  // Greenwood's standard error is 0.0764 at week 6; log(-log) gives 0.620 to 0.952.
  EXPECT_NEAR(steps->at(0).survival.lower, 0.620, 1e-3);
  EXPECT_NEAR(steps->at(0).survival.upper, 0.952, 1e-3);
  const MedianLife median = median_life(*steps);
  EXPECT_EQ(median.value, 23.0);
  EXPECT_EQ(median.lower, 13.0);
  EXPECT_FALSE(median.upper);  // never watched long enough
}

TEST(KaplanMeier, IsTheEmpiricalShareWithoutCensoring) {
  const std::vector<LifeTime> lives = {{4, true}, {1, true}, {3, true}, {2, true}};
  const auto steps = kaplan_meier(lives);
  ASSERT_TRUE(steps);
  EXPECT_DOUBLE_EQ(survival_at(*steps, 2.5), 0.5);
  EXPECT_DOUBLE_EQ(survival_at(*steps, 4.0), 0.0);
  EXPECT_EQ(steps->back().survival.upper, 1.0);
  EXPECT_EQ(median_life(*steps).value, 2.0);
}

TEST(Weibull, AgreesWithThePublishedShockAbsorbers) {
  const auto life = fit_weibull(shock_absorbers());
  ASSERT_TRUE(life);
  // mu = 10.23 and sigma = 0.3164 in the book: scale exp(mu), shape 1 / sigma.
  EXPECT_NEAR(std::log(life->scale.value), 10.23, 5e-3);
  EXPECT_NEAR(1.0 / life->shape.value, 0.3164, 5e-5);
  // Normal approximation in log sigma, standard error 0.0731 of sigma.
  EXPECT_NEAR(1.0 / life->shape.upper, 0.3164 / std::exp(1.96 * 0.0731 / 0.3164), 1e-3);
  EXPECT_NEAR(1.0 / life->shape.lower, 0.3164 * std::exp(1.96 * 0.0731 / 0.3164), 1e-3);
  EXPECT_NEAR(std::log(life->scale.upper / life->scale.value), 1.96 * 0.1099, 2e-3);
  EXPECT_NEAR(life->median.value,
              life->scale.value * std::pow(std::log(2.0), 1.0 / life->shape.value), 1e-6);
  EXPECT_LT(life->median.lower, life->median.value);
  EXPECT_GT(life->median.upper, life->median.value);
}

TEST(Weibull, IntervalsHoldTheTruthAsOftenAsTheySay) {
  signal::RandomSource random(1);
  int shape_inside = 0;
  int median_inside = 0;
  constexpr int kTrials = 400;
  const double true_median = 100.0 * std::pow(std::log(2.0), 0.5);
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<LifeTime> lives;
    for (int i = 0; i < 60; ++i) {
      const double end = 100.0 * std::sqrt(-std::log(1.0 - random.uniform()));
      const double watched = random.uniform(20.0, 200.0);
      lives.push_back({std::min(end, watched), end <= watched});
    }
    const auto life = fit_weibull(lives);
    ASSERT_TRUE(life);
    shape_inside += life->shape.lower <= 2.0 && 2.0 <= life->shape.upper;
    median_inside += life->median.lower <= true_median && true_median <= life->median.upper;
  }
  EXPECT_NEAR(shape_inside, 0.95 * kTrials, 16.0);
  EXPECT_NEAR(median_inside, 0.95 * kTrials, 16.0);
}

TEST(Weibull, UnitsOfTimeDoNotMatter) {
  std::vector<LifeTime> large = shock_absorbers();
  for (LifeTime& life : large) life.time *= 1e9;
  const auto one = fit_weibull(shock_absorbers());
  const auto other = fit_weibull(large);
  ASSERT_TRUE(one);
  ASSERT_TRUE(other);
  EXPECT_NEAR(other->shape.value, one->shape.value, 1e-9);
  EXPECT_NEAR(other->scale.lower / one->scale.lower, 1e9, 1.0);
}

TEST(RemainingLife, ShrinksWithAgeWhereThereIsWear) {
  const WeibullLife wear{.shape = {3, 0, 0}, .scale = {100, 0, 0}, .median = {}};
  const auto fresh = remaining_life(wear, 0.0);
  const auto old = remaining_life(wear, 90.0);
  ASSERT_TRUE(fresh);
  ASSERT_TRUE(old);
  EXPECT_NEAR(fresh->value, 100.0 * std::cbrt(std::log(2.0)), 1e-9);
  EXPECT_NEAR(fresh->lower, 100.0 * std::cbrt(-std::log(0.95)), 1e-9);
  EXPECT_NEAR(fresh->upper, 100.0 * std::cbrt(-std::log(0.05)), 1e-9);
  EXPECT_LT(old->value, fresh->value);
  EXPECT_GT(old->lower, 0.0);
  const WeibullLife chance{.shape = {1, 0, 0}, .scale = {100, 0, 0}, .median = {}};
  EXPECT_NEAR(remaining_life(chance, 500.0)->value, 100.0 * std::log(2.0), 1e-9);
}

TEST(LifeTimes, DegenerateInputsAreRefused) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<LifeTime>> bad = {{},
                                                  {{5.0, false}, {6.0, false}},
                                                  {{0.0, true}, {6.0, true}},
                                                  {{-1.0, false}, {6.0, true}},
                                                  {{std::nan(""), true}, {6.0, true}},
                                                  {{infinite, false}, {6.0, true}}};
  for (const auto& lives : bad) {
    EXPECT_EQ(kaplan_meier(lives).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(fit_weibull(lives).error().code, ErrorCode::kInvalidArgument);
  }
  const std::vector<LifeTime> together = {{5.0, true}, {5.0, true}, {3.0, false}};
  EXPECT_TRUE(kaplan_meier(together));
  EXPECT_FALSE(fit_weibull(together));
  EXPECT_FALSE(kaplan_meier(remissions(), 1.0));
  const WeibullLife life = fit_weibull(remissions()).value();
  EXPECT_FALSE(remaining_life(life, -1.0));
  EXPECT_FALSE(remaining_life(life, 1.0, 0.0));
  EXPECT_FALSE(remaining_life(WeibullLife{}, 1.0));
}

}  // namespace
}  // namespace millwright::ml
