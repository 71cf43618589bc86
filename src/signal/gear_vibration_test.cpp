#include "signal/gear_vibration.h"

#include <gtest/gtest.h>

#include "signal/spectrum.h"
#include "signal/statistics.h"

namespace millwright::signal {
namespace {

GearVibration make(GearCondition condition, double speed = 25.0, double load = 0.0,
                   std::uint64_t seed = 1) {
  return GearVibration::create(
             {.condition = condition, .speed_hz = speed, .load_nm = load, .seed = seed})
      .value();
}

TEST(GearVibration, SameSeedSameSamplesWhateverTheBurstSize) {
  for (GearCondition condition : kGearConditions) {
    GearVibration whole = make(condition);
    GearVibration parts = make(condition);
    const GearBurst expected = whole.generate(1000);
    GearBurst first = parts.generate(300);
    const GearBurst second = parts.generate(700);
    first.x_axis.insert(first.x_axis.end(), second.x_axis.begin(), second.x_axis.end());
    first.y_axis.insert(first.y_axis.end(), second.y_axis.begin(), second.y_axis.end());
    EXPECT_EQ(first.x_axis, expected.x_axis) << to_string(condition);
    EXPECT_EQ(first.y_axis, expected.y_axis) << to_string(condition);
  }
}

TEST(GearVibration, OtherSeedsAreOtherSpecimens) {
  EXPECT_NE(make(GearCondition::kNoFault, 25, 0, 1).generate(10).x_axis,
            make(GearCondition::kNoFault, 25, 0, 2).generate(10).x_axis);
}

TEST(GearVibration, MeshFrequencyIsTeethTimesSpeed) {
  for (double speed : kGearSpeedsHz) {
    const GearBurst burst = make(GearCondition::kNoFault, speed).generate(5000);
    const auto peaks = top_peaks(amplitude_spectrum(burst.x_axis, 5000.0), 1);
    ASSERT_FALSE(peaks.empty());
    EXPECT_NEAR(peaks[0].frequency_hz, 18.0 * speed, 2.0);
  }
}

TEST(GearVibration, LoadMakesTheMeshLouder) {
  const Shape idle = shape_of(make(GearCondition::kNoFault, 25, 0).generate(5000).x_axis);
  const Shape loaded = shape_of(make(GearCondition::kNoFault, 25, 80).generate(5000).x_axis);
  EXPECT_GT(loaded.rms, 1.2 * idle.rms);
}

TEST(GearVibration, MissingToothStrikesHarderThanChippedHarderThanHealthy) {
  const auto crest = [](GearCondition condition) {
    return shape_of(make(condition).generate(5000).x_axis).crest;
  };
  EXPECT_GT(crest(GearCondition::kMissingTooth), crest(GearCondition::kToothChippedFault));
  EXPECT_GT(crest(GearCondition::kToothChippedFault), crest(GearCondition::kNoFault));
}

TEST(GearVibration, EccentricityPutsSidebandsOneOrderBesideTheMesh) {
  const auto ratio = [](GearCondition condition) {
    const GearBurst burst = make(condition).generate(5000);
    const Spectrum spectrum = amplitude_spectrum(burst.x_axis, 5000.0);
    return amplitude_near(spectrum, 18.0 * 25.0 + 25.0, 2.0) /
           amplitude_near(spectrum, 18.0 * 25.0, 2.0);
  };
  EXPECT_GT(ratio(GearCondition::kEccentricity), 3.0 * ratio(GearCondition::kNoFault));
}

TEST(GearVibration, ParametersOutsideTheirRangeAreRefusedByName) {
  const auto refused = GearVibration::create({.speed_hz = 0.0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("gear speed"), std::string::npos);
  EXPECT_FALSE(GearVibration::create({.load_nm = -1.0}));
  EXPECT_FALSE(GearVibration::create({.sample_rate_hz = 10.0}));
}

TEST(GearVibration, ConditionNamesReadBack) {
  for (GearCondition condition : kGearConditions) {
    EXPECT_EQ(parse_gear_condition(to_string(condition)).value(), condition);
  }
  const auto unknown = parse_gear_condition("broken\n");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("'broken\\x0a'"), std::string::npos)
      << unknown.error().message;
}

}  // namespace
}  // namespace millwright::signal
