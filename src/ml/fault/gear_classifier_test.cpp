#include "ml/fault/gear_classifier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ml/fault/gear_training.h"
#include "signal/gear_vibration.h"

namespace millwright::ml {
namespace {

/// One small model for all tests of this file; training takes a second or two.
const std::vector<std::byte>& trained() {
  static const std::vector<std::byte> file = [] {
    const auto runs = simulate_gear_runs(1, 3, 1024);
    return train_gear(runs, 1, {}).value().file;
  }();
  return file;
}

TEST(GearClassifier, RecognisesUnseenSpecimensByTheirBursts) {
  const auto classifier = GearClassifier::load(trained());
  ASSERT_TRUE(classifier) << classifier.error().message;
  int right = 0;
  int all = 0;
  for (const auto condition : signal::kGearConditions) {
    for (std::uint64_t seed = 900001; seed <= 900005; ++seed) {
      auto vibration = signal::GearVibration::create(
          {.condition = condition, .speed_hz = 25.0, .load_nm = 80.0, .seed = seed});
      const auto burst = vibration->generate(1024);
      const auto prediction = classifier->predict_burst(burst.x_axis, burst.y_axis, 5000.0);
      ASSERT_TRUE(prediction);
      right += prediction->predicted == signal::to_string(condition) ? 1 : 0;
      ++all;
      double sum = 0.0;
      for (double p : prediction->probabilities) sum += p;
      EXPECT_NEAR(sum, 1.0, 1e-9);
      EXPECT_LE(prediction->top_contributors.size(), 3u);
      EXPECT_FALSE(prediction->reason.empty());
      if (seed == 900001) std::cout << prediction->reason << '\n';
    }
  }
  std::cout << right << " of " << all << " bursts right, seeds 900001-900005\n";
  EXPECT_GE(right, all * 8 / 10);
}

TEST(GearClassifier, DoesNotSeeTheSensorsOffset) {
  const auto classifier = GearClassifier::load(trained());
  ASSERT_TRUE(classifier);
  auto burst = signal::GearVibration::create({.seed = 77}).value().generate(256);
  const auto here = classifier->predict(burst.x_axis, burst.y_axis, 5000.0);
  for (double& v : burst.x_axis) v += 0.5;
  const auto there = classifier->predict(burst.x_axis, burst.y_axis, 5000.0);
  ASSERT_TRUE(here && there);
  EXPECT_EQ(here->predicted, there->predicted);
  EXPECT_NEAR(here->probability, there->probability, 0.05);
}

TEST(GearClassifier, SameRunsSameBytes) {
  const auto runs = simulate_gear_runs(1, 3, 1024);
  EXPECT_EQ(train_gear(runs, 1, {}).value().file, trained());
}

TEST(GearClassifier, RefusesWrongWindows) {
  const auto classifier = GearClassifier::load(trained());
  ASSERT_TRUE(classifier);
  std::vector<double> x(256, 1.0);
  std::vector<double> y(256, 1.0);
  EXPECT_TRUE(classifier->predict(x, y, 5000.0)) << "a constant window is judged too";
  EXPECT_FALSE(classifier->predict(std::span(x).first(255), y, 5000.0));
  EXPECT_FALSE(classifier->predict(x, y, 0.0));
  x[7] = std::numeric_limits<double>::quiet_NaN();
  const auto refused = classifier->predict(x, y, 5000.0);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("not finite"), std::string::npos);
}

TEST(GearTraining, NamesWhatIsMissing) {
  std::vector<GearRun> runs(1);
  runs[0].condition = "broken";
  EXPECT_FALSE(train_gear(runs, 1, {}));
  runs[0].condition = "no_fault";
  runs[0].x_axis.assign(300, 0.0);
  EXPECT_FALSE(train_gear(runs, 1, {})) << "axes of different lengths";
  runs[0].y_axis.assign(300, 0.0);
  const auto one = train_gear(runs, 1, {});
  ASSERT_FALSE(one);
  EXPECT_NE(one.error().message.find("longer runs"), std::string::npos);
  EXPECT_FALSE(score_gear_by_pair(runs, 1, {}));
}

}  // namespace
}  // namespace millwright::ml
