#include "ml/rul/degradation_path.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr int kLife = 500;  // points from new to the limit

using Wear = std::function<double(double)>;  // 0 when new, 1 at the limit, of the share of the life

/// Levels of a part that wears from 0 to the limit of 1, up to a share of its life.
std::vector<PathPoint> worn(const Wear& wear, double share, double scatter, std::uint64_t seed,
                            double memory = 0) {
  signal::RandomSource random(seed);
  std::vector<PathPoint> points;
  double noise = 0;
  for (int i = 0; i < static_cast<int>(share * kLife); ++i) {
    noise = memory * noise + std::sqrt(1 - memory * memory) * random.normal();
    points.push_back({static_cast<double>(i), wear((i + 1.0) / kLife) + scatter * noise});
  }
  return points;
}

double line(double x) { return x; }
double square(double x) { return x * x; }
double exponential(double x) { return std::expm1(4 * x) / std::expm1(4); }
double root(double x) { return std::sqrt(x); }
double late(double x) { return std::max(0.0, (x - 0.6) / 0.4); }

PathForecast forecast(const std::vector<PathPoint>& points, double limit = 1) {
  const auto found = forecast_limit(points, limit);
  EXPECT_TRUE(found) << found.error().message;
  return *found;
}

TEST(DegradationPath, ALineIsForetoldAndTheIntervalShrinks) {
  double width = std::numeric_limits<double>::infinity();
  for (const double share : {0.5, 0.7, 0.9}) {
    const PathForecast said = forecast(worn(line, share, 0.03, 7));
    const double truth = (1 - share) * kLife;
    ASSERT_EQ(said.outlook, PathOutlook::kForeseen) << share;
    EXPECT_NEAR(said.remaining_s, truth, 0.1 * truth) << share;
    EXPECT_LE(said.lower_s, truth);
    EXPECT_GE(said.upper_s, truth);
    EXPECT_LT(said.upper_s - said.lower_s, width);
    width = said.upper_s - said.lower_s;
  }
}

struct Shares {
  int foreseen = 0, held = 0;  // with value and interval; of these with the end inside
  int beyond = 0, above = 0;   // "more than"; of these truly
};

Shares follow_lives(const Wear& wear) {
  constexpr std::uint64_t kSeeds = 20;
  Shares out;
  for (const double memory : {0.0, 0.9}) {
    for (const double share : {0.5, 0.7, 0.9}) {
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const double truth = kLife - std::floor(share * kLife);
        const PathForecast said = forecast(worn(wear, share, 0.03, seed, memory));
        const bool is_above = said.lower_s <= truth;
        if (said.outlook == PathOutlook::kForeseen) {
          ++out.foreseen;
          out.held += is_above && truth <= said.upper_s ? 1 : 0;
        } else if (said.outlook == PathOutlook::kBeyondSight) {
          ++out.beyond;
          out.above += is_above ? 1 : 0;
        }
      }
    }
  }
  return out;
}

/// The figures of docs/models/degradation-limit.md are the properties that this records.
TEST(DegradationPath, TheIntervalHoldsTheEndWhateverTheShapeOfTheWear) {
  const std::pair<const char*, Wear> wears[] = {{"line", line},
                                                {"square", square},
                                                {"exponential", exponential},
                                                {"root", root},
                                                {"late", late}};
  Shares all;
  for (const auto& [name, wear] : wears) {
    const Shares of = follow_lives(wear);
    RecordProperty(std::string("wear_") + name,
                   std::to_string(of.held) + " of " + std::to_string(of.foreseen) + ", " +
                       std::to_string(of.above) + " of " + std::to_string(of.beyond));
    all.foreseen += of.foreseen;
    all.held += of.held;
    all.beyond += of.beyond;
    all.above += of.above;
  }
  EXPECT_GT(all.foreseen, 300);
  EXPECT_GE(all.held, 0.9 * all.foreseen) << all.held << " of " << all.foreseen;
  EXPECT_GE(all.above, 0.9 * all.beyond) << all.above << " of " << all.beyond;
}

TEST(DegradationPath, SteadyLevelsHaveNoTrend) {
  std::vector<PathPoint> constant;
  for (int i = 0; i < 100; ++i) constant.push_back({static_cast<double>(i), 0.3});
  EXPECT_EQ(forecast(constant).outlook, PathOutlook::kNoTrend);
  int without = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const PathForecast said = forecast(worn([](double) { return 0.3; }, 1, 0.03, seed));
    EXPECT_NE(said.outlook, PathOutlook::kForeseen) << seed;
    without += said.outlook == PathOutlook::kNoTrend ? 1 : 0;
  }
  EXPECT_GE(without, 34);  // a trend is believed at 95 %
  EXPECT_EQ(forecast(worn([](double x) { return -x; }, 1, 0.03, 1)).outlook, PathOutlook::kNoTrend);
}

TEST(DegradationPath, ALevelAtTheLimitHasNothingLeft) {
  const PathForecast said = forecast(worn([](double) { return 1.5; }, 1, 0.03, 1));
  EXPECT_EQ(said.outlook, PathOutlook::kReached);
  EXPECT_EQ(said.remaining_s, 0);
  EXPECT_EQ(said.upper_s, 0);
  EXPECT_NEAR(said.level, 1.5, 0.1);
}

TEST(DegradationPath, OneSpikeIsNeitherTheEndNorARepair) {
  auto points = worn(line, 0.7, 0.03, 3);
  const PathForecast before = forecast(points);
  points[200].level = 50;
  points.back().level = 50;
  const PathForecast after = forecast(points);
  ASSERT_EQ(after.outlook, PathOutlook::kForeseen);
  EXPECT_EQ(after.points, before.points);
  EXPECT_LE(after.lower_s, 150);
  EXPECT_GE(after.upper_s, 150);
}

TEST(DegradationPath, AfterARepairOnlyWhatComesLaterCounts) {
  auto points = worn(line, 1.1, 0.01, 3);
  const std::size_t worn_out = points.size();
  EXPECT_EQ(forecast(points).outlook, PathOutlook::kReached);
  for (int i = 0; i < 20; ++i) points.push_back({points.back().time_s + 1, 0.1});
  EXPECT_EQ(forecast(points).outlook, PathOutlook::kTooShort);
  for (int i = 0; i < 200; ++i) points.push_back({points.back().time_s + 1, 0.1 + i * 0.002});
  const PathForecast said = forecast(points);
  EXPECT_EQ(said.points, points.size() - worn_out);
  EXPECT_EQ(said.outlook, PathOutlook::kForeseen);
}

TEST(DegradationPath, GapsAndJumpsOfTheClockAreOnlyTime) {
  auto points = worn(line, 0.7, 0.03, 5);
  std::erase_if(points, [](const PathPoint& p) { return p.time_s > 100 && p.time_s < 250; });
  const PathForecast said = forecast(points);
  ASSERT_EQ(said.outlook, PathOutlook::kForeseen);
  EXPECT_LE(said.lower_s, 150);
  EXPECT_GE(said.upper_s, 150);
  points.push_back({1e9, 0.7});  // one point from the far future
  const PathForecast later = forecast(points);
  EXPECT_TRUE(std::isfinite(later.lower_s) && std::isfinite(later.upper_s));
}

TEST(DegradationPath, FewPointsAreTooShort) {
  EXPECT_EQ(forecast({}).outlook, PathOutlook::kTooShort);
  EXPECT_EQ(forecast(worn(line, 29.0 / kLife, 0.03, 1)).outlook, PathOutlook::kTooShort);
  EXPECT_EQ(forecast(worn(line, 29.0 / kLife, 0.03, 1)).points, 29u);
  EXPECT_NE(forecast(worn(line, 30.0 / kLife, 0.03, 1)).outlook, PathOutlook::kTooShort);
}

TEST(DegradationPath, TheSamePointsGiveTheSameAnswerInAnyUnit) {
  auto points = worn(exponential, 0.9, 0.03, 9);
  const PathForecast said = forecast(points);
  EXPECT_EQ(forecast(points).upper_s, said.upper_s);
  for (PathPoint& point : points) {
    point.level = 1e6 * point.level - 3e6;
    point.time_s *= 60;
  }
  const PathForecast scaled = forecast(points, 1e6 - 3e6);
  EXPECT_NEAR(scaled.remaining_s, 60 * said.remaining_s, 0.05 * scaled.remaining_s);
  EXPECT_NEAR(scaled.upper_s, 60 * said.upper_s, 0.05 * scaled.upper_s);
}

TEST(DegradationPath, ALineWithoutAnyScatterIsForetoldExactly) {
  const PathForecast said = forecast(worn(line, 0.5, 0, 1));
  ASSERT_EQ(said.outlook, PathOutlook::kForeseen);
  EXPECT_NEAR(said.remaining_s, kLife / 2.0, 2);
}

TEST(DegradationPath, WhatIsNoPathIsRefused) {
  auto points = worn(line, 0.5, 0.03, 1);
  points[10].level = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(forecast_limit(points, 1));
  points = worn(line, 0.5, 0.03, 1);
  points[10].time_s = points[9].time_s;
  const auto refused = forecast_limit(points, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("point 10"), std::string::npos);
  EXPECT_FALSE(forecast_limit(points, std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace millwright::ml
