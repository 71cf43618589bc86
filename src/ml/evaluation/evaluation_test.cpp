#include <gtest/gtest.h>

#include <cmath>

#include "ml/evaluation/classification.h"
#include "ml/evaluation/regression.h"
#include "ml/evaluation/splits.h"

namespace millwright::ml {
namespace {

TEST(Confusion, ScoresOfAKnownTable) {
  Confusion c(2);
  for (int i = 0; i < 8; ++i) c.add(0, 0);
  for (int i = 0; i < 2; ++i) c.add(0, 1);
  for (int i = 0; i < 1; ++i) c.add(1, 0);
  for (int i = 0; i < 4; ++i) c.add(1, 1);
  EXPECT_DOUBLE_EQ(c.accuracy(), 12.0 / 15.0);
  EXPECT_DOUBLE_EQ(c.balanced_accuracy(), 0.5 * (0.8 + 0.8));
  EXPECT_DOUBLE_EQ(c.f1(0), 16.0 / 19.0);
  EXPECT_DOUBLE_EQ(c.macro_f1(), 0.5 * (16.0 / 19.0 + 8.0 / 11.0));
}

TEST(Confusion, EmptyTableScoresZero) {
  EXPECT_EQ(Confusion(3).macro_f1(), 0.0);
  EXPECT_EQ(Confusion(3).balanced_accuracy(), 0.0);
}

TEST(Splits, CutsAtJumpsOfTimeSpeedAndLoad) {
  std::vector<RecordingKey> keys;
  for (int i = 0; i < 10; ++i) keys.push_back({200 * i, 25.0, 0.0, 0});
  for (int i = 0; i < 5; ++i) keys.push_back({233'000'000 + 200 * i, 25.0, 0.0, 0});
  for (int i = 5; i < 9; ++i) keys.push_back({233'000'000 + 200 * i, 25.0, 80.0, 0});
  const auto ranges = cut_recordings(keys, 200);
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[0].end, 10u);
  EXPECT_EQ(ranges[1].end, 15u);
  EXPECT_EQ(ranges[2].end, 19u);
  EXPECT_TRUE(cut_recordings({}, 200).empty());
}

TEST(Splits, NoWindowTouchesTheOtherPartAndTheGapIsKept) {
  for (const std::size_t n : {100u, 1000u, 5120u, 3043u}) {
    const TimeSplit split = split_in_time({50, 50 + n}, 0.7, 256);
    EXPECT_LE(split.train.begin, split.train.end);
    EXPECT_EQ(split.test.end, 50 + n);
    for (const std::size_t start : window_starts(split.train, 256, 128)) {
      EXPECT_LE(start + 256 + 256, split.test.begin);
    }
    for (const std::size_t start : window_starts(split.test, 256, 128)) {
      EXPECT_GE(start, split.test.begin);
      EXPECT_LE(start + 256, split.test.end);
    }
  }
}

TEST(Splits, ACycleLiesBetweenWhatTrainsAndWhatIsTested) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t n = 0; n < 300; ++n) {
    if (n % 89 != 50) numbers.push_back(n);  // some cycles are kept back
  }
  std::vector<std::size_t> train, test;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    (numbers[i] / 49 % 3 == 2 ? test : train).push_back(i);
  }
  const auto kept = keep_apart(train, test, numbers);
  for (const std::size_t a : kept) {
    for (const std::size_t b : test) EXPECT_GE(std::abs(numbers[a] - numbers[b]), 2);
  }
  EXPECT_EQ(kept.size(), train.size() - 4);  // two blocks tested, two sides each
}

TEST(Regression, Phm08PunishesLateMoreThanEarly) {
  const std::vector<double> truth = {50.0};
  EXPECT_DOUBLE_EQ(phm08_score(std::vector<double>{50.0}, truth), 0.0);
  EXPECT_NEAR(phm08_score(std::vector<double>{60.0}, truth), std::exp(1.0) - 1.0, 1e-12);
  EXPECT_NEAR(phm08_score(std::vector<double>{37.0}, truth), std::exp(1.0) - 1.0, 1e-12);
}

TEST(Regression, ConformalQuantileIsTheRankedValue) {
  std::vector<double> values;
  for (int i = 1; i <= 19; ++i) values.push_back(i);
  EXPECT_DOUBLE_EQ(conformal_quantile(values, 0.9), 18.0);
  EXPECT_DOUBLE_EQ(conformal_quantile(std::vector<double>{3.0}, 0.9), 3.0);
}

TEST(AveragePrecision, CountsTiesTogetherAndIsOneForAPerfectOrder) {
  EXPECT_DOUBLE_EQ(average_precision(std::vector{0.9, 0.8, 0.1}, {true, true, false}), 1.0);
  EXPECT_DOUBLE_EQ(average_precision(std::vector{0.1, 0.8, 0.9}, {true, false, false}), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(average_precision(std::vector{0.5, 0.5, 0.5, 0.5}, {true, false, false, true}),
                   0.5);
  EXPECT_DOUBLE_EQ(average_precision(std::vector{0.5}, {false}), 0.0);
}

}  // namespace
}  // namespace millwright::ml
