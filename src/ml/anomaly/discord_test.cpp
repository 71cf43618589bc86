#include "ml/anomaly/discord.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace millwright::ml {
namespace {

/// Strokes of 100 samples; one is played backwards, its values are all usual ones.
std::vector<double> strokes(std::size_t odd_stroke) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0.0, 0.02);
  std::vector<double> values;
  for (std::size_t stroke = 0; stroke < 40; ++stroke) {
    for (int i = 0; i < 100; ++i) {
      const int at = stroke == odd_stroke ? 99 - i : i;
      const double t = at / 100.0;
      values.push_back(5.0 + t * std::sin(6.0 * std::numbers::pi * t) + noise(random));
    }
  }
  return values;
}

TEST(LeftProfile, IsLargestAtAShapeThatNeverWasBefore) {
  const std::vector<double> values = strokes(30);
  const std::size_t period = dominant_period(values, 20, 400);
  EXPECT_NEAR(static_cast<double>(period % 100), 0.0, 1.0);
  const auto profile = left_profile(values, 100, 1'000);
  ASSERT_EQ(profile.size(), values.size() - 99);
  const auto at = std::max_element(profile.begin(), profile.end()) - profile.begin();
  EXPECT_GE(at, 2'900);
  EXPECT_LE(at, 3'100);
  EXPECT_EQ(profile[999], 0.0);
}

// The recurrence along diagonals against the definition.
TEST(LeftProfile, EqualsTheDefinition) {
  std::mt19937 random(2);
  std::normal_distribution<double> noise;
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(1'000.0 + noise(random));
  constexpr std::size_t kWindow = 8;
  const auto scaled = [&](std::size_t start) {
    std::vector<double> w(values.begin() + static_cast<std::ptrdiff_t>(start),
                          values.begin() + static_cast<std::ptrdiff_t>(start + kWindow));
    double mean = 0.0, squares = 0.0;
    for (const double v : w) mean += v / kWindow;
    for (const double v : w) squares += (v - mean) * (v - mean) / kWindow;
    for (double& v : w) v = (v - mean) / std::sqrt(squares);
    return w;
  };
  const auto profile = left_profile(values, kWindow, 50);
  for (std::size_t i = 50; i < profile.size(); ++i) {
    double nearest = 1e9;
    for (std::size_t j = 0; j + kWindow <= i; ++j) {
      const auto a = scaled(i), b = scaled(j);
      double sum = 0.0;
      for (std::size_t k = 0; k < kWindow; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
      nearest = std::min(nearest, std::sqrt(sum));
    }
    ASSERT_NEAR(profile[i], nearest, 1e-5) << i;
  }
}

TEST(LeftProfile, ShortAndConstantSeriesAreQuiet) {
  EXPECT_TRUE(left_profile({}, 8, 0).empty());
  EXPECT_TRUE(left_profile(std::vector<double>(7, 1.0), 8, 0).empty());
  EXPECT_EQ(dominant_period({}, 32, 400), 32u);
  EXPECT_EQ(dominant_period(std::vector<double>(100, 1.0), 32, 400), 32u);
  const auto profile = left_profile(std::vector<double>(100, 1.0), 8, 0);
  for (const double distance : profile) EXPECT_TRUE(std::isfinite(distance));
}

}  // namespace
}  // namespace millwright::ml
