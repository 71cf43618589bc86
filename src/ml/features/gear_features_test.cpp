#include "ml/features/gear_features.h"

#include <gtest/gtest.h>

#include <cmath>

#include "signal/gear_vibration.h"

namespace millwright::ml {
namespace {

signal::GearBurst burst(double speed, double load, std::uint64_t seed) {
  return signal::GearVibration::create({.speed_hz = speed, .load_nm = load, .seed = seed})
      .value()
      .generate(256);
}

TEST(GearFeatures, HaveTheirNamesAndAreFinite) {
  const auto b = burst(25, 0, 1);
  const auto features = gear_features(b.x_axis, b.y_axis, 5000.0);
  ASSERT_EQ(features.size(), gear_feature_names().size());
  for (float f : features) EXPECT_TRUE(std::isfinite(f));
  const std::vector<double> silent(256, 2.5);
  for (float f : gear_features(silent, silent, 5000.0)) EXPECT_TRUE(std::isfinite(f));
}

TEST(GearFeatures, DoNotSeeTheOffset) {
  const auto b = burst(25, 0, 1);
  auto shifted = b;
  for (double& v : shifted.x_axis) v += 1.0;
  for (double& v : shifted.y_axis) v -= 2.0;
  const auto here = gear_features(b.x_axis, b.y_axis, 5000.0);
  const auto there = gear_features(shifted.x_axis, shifted.y_axis, 5000.0);
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_NEAR(here[i], there[i], 2e-3 * (1.0 + std::abs(here[i]))) << gear_feature_names()[i];
  }
}

TEST(GearFeatures, MeshFrequencyIsEstimatedFromTheSpectrum) {
  int right = 0;
  int all = 0;
  for (double speed : signal::kGearSpeedsHz) {
    for (double load : signal::kGearLoadsNm) {
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto b = burst(speed, load, seed);
        const double mesh = estimate_mesh_hz(b.x_axis, b.y_axis, 5000.0);
        right += std::abs(mesh - 18.0 * speed) < 15.0 ? 1 : 0;
        ++all;
      }
    }
  }
  std::cout << "mesh frequency right in " << right << " of " << all << " windows, seeds 1-20\n";
  EXPECT_GE(right, all * 95 / 100);
}

TEST(GearFeatures, EveryFeatureHasWords) {
  for (const std::string& name : gear_feature_names()) {
    EXPECT_NE(gear_feature_words(name), name);
  }
}

}  // namespace
}  // namespace millwright::ml
