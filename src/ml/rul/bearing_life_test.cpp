#include "ml/rul/bearing_life.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr double kPeriod_s = 10.0;

/// New to failure: level, peak and kurtosis grow with the share of the life that is gone.
std::vector<BearingSnapshot> life(std::uint64_t seed, std::size_t snapshots) {
  signal::RandomSource random(seed);
  std::vector<BearingSnapshot> out;
  for (std::size_t i = 0; i < snapshots; ++i) {
    const double gone = static_cast<double>(i) / static_cast<double>(snapshots);
    const double wear = 2.0 * std::pow(gone, 4.0);
    const auto noise = [&] { return std::exp(0.03 * random.normal()); };
    out.push_back({0.5 * std::exp(wear) * noise(), 2.0 * std::exp(1.2 * wear) * noise(),
                   3.0 * std::exp(0.6 * wear) * noise()});
  }
  return out;
}

BearingLifeModel model() {
  const std::vector<std::vector<BearingSnapshot>> histories = {life(1, 500), life(2, 900),
                                                               life(3, 1500), life(4, 2500)};
  return BearingLifeModel::learn(histories).value();
}

TEST(BearingLifeModel, TellsTheRestOfALifeOfAnotherLength) {
  const auto learnt = model();
  const auto whole = life(9, 4000);
  for (const double gone : {0.6, 0.75, 0.9}) {
    const auto seen = static_cast<std::size_t>(gone * 4000.0);
    const auto estimate = learnt.estimate(std::span(whole).first(seen), kPeriod_s);
    ASSERT_TRUE(estimate) << estimate.error().message;
    const double truth_s = kPeriod_s * (4000.0 - static_cast<double>(seen));
    EXPECT_NEAR(estimate->remaining_s, truth_s, 0.25 * truth_s) << gone;
    EXPECT_LE(estimate->lower_s, estimate->remaining_s);
    EXPECT_GE(estimate->upper_s, estimate->remaining_s);
  }
}

TEST(BearingLifeModel, FallsBackOnAllThatWasLearntWhereNothingResembles) {
  const std::vector<BearingSnapshot> strange(1000, {0.001, 500.0, 80.0});
  const auto estimate = model().estimate(strange, kPeriod_s);
  ASSERT_TRUE(estimate);
  EXPECT_GT(estimate->upper_s, 10.0 * estimate->lower_s);
}

TEST(BearingLifeModel, RefusesWhatItCannotUse) {
  const auto learnt = model();
  auto whole = life(9, 400);
  EXPECT_FALSE(learnt.estimate(std::span(whole).first(99), kPeriod_s));
  EXPECT_FALSE(learnt.estimate(whole, 0.0));
  whole[5].kurtosis = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(learnt.estimate(whole, kPeriod_s));
  whole[5].kurtosis = 0.0;
  EXPECT_FALSE(learnt.estimate(whole, kPeriod_s));
  const std::vector<std::vector<BearingSnapshot>> one = {life(1, 500)};
  EXPECT_FALSE(BearingLifeModel::learn(one));
  const std::vector<std::vector<BearingSnapshot>> brief = {life(1, 500), life(2, 50)};
  EXPECT_FALSE(BearingLifeModel::learn(brief));
}

}  // namespace
}  // namespace millwright::ml
