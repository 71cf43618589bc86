#include "ml/features/feature_ranking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

const std::vector<std::string> kNames = {"noise", "copy", "bowl", "constant", "coarse"};

struct Table {
  std::vector<std::vector<double>> columns;
  std::vector<double> target;
};

/// The target is a wandering value; "bowl" tells its size but not its sign.
Table table(std::uint64_t seed, int rows) {
  signal::RandomSource random(seed);
  Table t;
  t.columns.resize(kNames.size());
  for (int i = 0; i < rows; ++i) {
    const double x = random.normal();
    t.target.push_back(x);
    t.columns[0].push_back(random.normal());
    t.columns[1].push_back(std::exp(x));
    t.columns[2].push_back(x * x);
    t.columns[3].push_back(7.0);
    t.columns[4].push_back(x > 0.0 ? 1.0 : 0.0);
  }
  return t;
}

const RankedFeature& named(const FeatureRanking& ranking, const std::string& name) {
  return *std::find_if(ranking.features.begin(), ranking.features.end(),
                       [&](const RankedFeature& f) { return f.name == name; });
}

TEST(FeatureRanking, InformationSeesWhatCorrelationMisses) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Table t = table(seed, 2000);
    const auto ranking = rank_features(kNames, t.columns, t.target);
    ASSERT_TRUE(ranking) << ranking.error().message;
    EXPECT_EQ(ranking->features[0].name, "copy");
    EXPECT_NEAR(ranking->features[0].information_bits, ranking->target_bits, 0.02);
    EXPECT_NEAR(named(*ranking, "copy").correlation, 1.0, 1e-9);  // monotone, though no line
    EXPECT_GT(named(*ranking, "bowl").information_bits, 1.5);
    EXPECT_LT(std::abs(named(*ranking, "bowl").correlation), 0.1) << "seed " << seed;
    EXPECT_LT(named(*ranking, "noise").information_bits, 0.05) << "seed " << seed;
    EXPECT_EQ(named(*ranking, "constant").information_bits, 0.0);
    EXPECT_EQ(named(*ranking, "constant").correlation, 0.0);
    EXPECT_NEAR(named(*ranking, "coarse").information_bits, 1.0, 0.1);  // which half
  }
}

TEST(FeatureRanking, AClassIsNotCutIntoBins) {
  signal::RandomSource random(5);
  std::vector<double> fault, level;
  for (int i = 0; i < 600; ++i) {
    fault.push_back(i % 3);
    level.push_back(10.0 * fault.back() + random.normal());
  }
  const std::vector<std::string> names = {"level"};
  const std::vector<std::vector<double>> columns(1, level);
  const auto ranking = rank_features(names, columns, fault);
  ASSERT_TRUE(ranking);
  EXPECT_NEAR(ranking->target_bits, std::log2(3.0), 0.01);
  EXPECT_GT(ranking->features[0].information_bits, 1.2);
}

TEST(FeatureRanking, ColumnsThatTellTheSameLoadAlike) {
  signal::RandomSource random(6);
  std::vector<std::vector<double>> columns(3);
  std::vector<double> target;
  for (int i = 0; i < 500; ++i) {
    const double x = random.normal();
    columns[0].push_back(x + 0.1 * random.normal());
    columns[1].push_back(100.0 * x + 10.0 * random.normal());
    columns[2].push_back(random.normal());
    target.push_back(x);
  }
  const std::vector<std::string> names = {"a", "b", "c"};
  const auto ranking = rank_features(names, columns, target);
  ASSERT_TRUE(ranking);
  EXPECT_NEAR(ranking->explained_shares[0], 0.66, 0.03);
  const double a = named(*ranking, "a").loadings[0], b = named(*ranking, "b").loadings[0];
  EXPECT_NEAR(a, b, 0.05);
  EXPECT_LT(std::abs(named(*ranking, "c").loadings[0]), 0.2);
}

TEST(FeatureRanking, RefusesWhatItCannotRank) {
  Table t = table(1, 50);
  EXPECT_TRUE(rank_features(kNames, t.columns, t.target));
  t.columns[0][3] = std::numeric_limits<double>::quiet_NaN();
  const auto refused = rank_features(kNames, t.columns, t.target);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("noise"), std::string::npos);
  const Table few = table(1, 19);
  EXPECT_FALSE(rank_features(kNames, few.columns, few.target));
  const Table good = table(1, 50);
  EXPECT_FALSE(rank_features(kNames, good.columns, std::vector<double>(50, 1.0)));
  EXPECT_FALSE(rank_features({}, {}, good.target));
}

}  // namespace
}  // namespace millwright::ml
