#include "ml/rul/degradation_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr double kPeriod_s = 600.0;
constexpr std::size_t kParts = 4;
constexpr std::size_t kReference = 200;
constexpr std::size_t kAll = 1000;

/// Four like parts whose load changes together by up to a fifth.
std::vector<PartLevels> healthy(std::uint64_t seed) {
  signal::RandomSource random(seed);
  std::vector<PartLevels> out;
  for (std::size_t t = 0; t < kAll; ++t) {
    PartLevels snapshot{kPeriod_s * static_cast<double>(t), {}};
    const double load = 1.0 + 0.2 * std::sin(static_cast<double>(t) / 90.0);
    for (std::size_t i = 0; i < kParts; ++i) {
      const double usual = 0.05 + 0.02 * static_cast<double>(i);
      snapshot.levels.push_back(usual * load * std::exp(0.01 * random.normal()));
    }
    out.push_back(std::move(snapshot));
  }
  return out;
}

/// First snapshot of the alarm that is open at the end, by part.
std::vector<std::optional<std::size_t>> alarms(const std::vector<PartLevels>& snapshots) {
  auto watch = DegradationWatch::learn(std::span(snapshots).first(kReference), kPeriod_s);
  EXPECT_TRUE(watch) << watch.error().message;
  std::vector<std::optional<std::size_t>> since(snapshots[0].levels.size());
  for (std::size_t t = kReference; t < snapshots.size(); ++t) {
    const auto states = watch->observe(snapshots[t]);
    EXPECT_TRUE(states) << states.error().message;
    for (std::size_t i = 0; i < since.size(); ++i) {
      if (!(*states)[i].in_alarm) since[i].reset();
      if ((*states)[i].in_alarm && !since[i]) since[i] = t;
    }
  }
  return since;
}

TEST(DegradationWatch, IsSilentWhileLoadMovesAllPartsTogether) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& since : alarms(healthy(seed))) EXPECT_FALSE(since) << "seed " << seed;
  }
}

TEST(DegradationWatch, FindsThePartThatWearsAndNotTheNeighbourItShakes) {
  auto snapshots = healthy(1);
  for (std::size_t t = 600; t < kAll; ++t) {
    const double wear = 0.002 * static_cast<double>(t - 600);
    snapshots[t].levels[2] *= std::exp(wear);
    snapshots[t].levels[1] *= std::exp(0.2 * wear);
  }
  const auto since = alarms(snapshots);
  ASSERT_TRUE(since[2]);
  EXPECT_GT(*since[2], 600u);
  EXPECT_LT(*since[2], 660u);
  for (const std::size_t other : {0u, 1u, 3u}) EXPECT_FALSE(since[other]) << other;
}

TEST(DegradationWatch, TakesTheStepOfALongStopOutButNotOneWhileRunning) {
  auto snapshots = healthy(2);
  for (std::size_t t = 500; t < kAll; ++t) {
    snapshots[t].time_s += 2.0 * 86'400.0;
    snapshots[t].levels[0] *= 1.1;
  }
  EXPECT_FALSE(alarms(snapshots)[0]);
  for (std::size_t t = 500; t < kAll; ++t) snapshots[t].time_s -= 2.0 * 86'400.0;
  EXPECT_TRUE(alarms(snapshots)[0]);
}

TEST(DegradationWatch, AStandingMachineChangesNothing) {
  auto snapshots = healthy(3);
  for (std::size_t t = 900; t < kAll; ++t) {
    for (double& level : snapshots[t].levels) level = 0.0;
    snapshots[t].levels[3] = 0.002;
  }
  auto watch = DegradationWatch::learn(std::span(snapshots).first(kReference), kPeriod_s);
  ASSERT_TRUE(watch);
  EXPECT_TRUE(watch->is_running(snapshots[899]));
  EXPECT_FALSE(watch->is_running(snapshots[900]));
  for (const auto& since : alarms(snapshots)) EXPECT_FALSE(since);
}

TEST(DegradationWatch, WatchesASinglePartWithoutNeighbours) {
  signal::RandomSource random(4);
  std::vector<PartLevels> snapshots;
  for (std::size_t t = 0; t < kAll; ++t) {
    const double wear = t < 600 ? 0.0 : 0.002 * static_cast<double>(t - 600);
    snapshots.push_back(
        {kPeriod_s * static_cast<double>(t), {std::exp(wear + 0.01 * random.normal())}});
  }
  const auto since = alarms(snapshots);
  ASSERT_TRUE(since[0]);
  EXPECT_GT(*since[0], 600u);
}

TEST(DegradationWatch, RefusesWhatItCannotUseAndGoesOn) {
  auto snapshots = healthy(5);
  const auto reference = std::span(snapshots).first(kReference);
  EXPECT_FALSE(DegradationWatch::learn({}, kPeriod_s));
  EXPECT_FALSE(DegradationWatch::learn(reference, 0.0));
  EXPECT_FALSE(DegradationWatch::learn(reference.first(70), kPeriod_s));
  auto dead = snapshots;
  for (PartLevels& snapshot : dead) snapshot.levels[1] = 0.0;
  const auto refused = DegradationWatch::learn(std::span(dead).first(kReference), kPeriod_s);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("part 2"), std::string::npos);

  auto watch = DegradationWatch::learn(reference, kPeriod_s);
  ASSERT_TRUE(watch);
  PartLevels bad = snapshots[kReference];
  bad.levels[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(watch->observe(bad));
  bad.levels = {0.1};
  EXPECT_FALSE(watch->observe(bad));
  EXPECT_FALSE(watch->observe(snapshots[3]));  // the past
  EXPECT_TRUE(watch->observe(snapshots[kReference]));
}

}  // namespace
}  // namespace millwright::ml
