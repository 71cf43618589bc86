#include "ml/anomaly/burst_detector.h"

#include <gtest/gtest.h>

#include "signal/gear_vibration.h"

namespace millwright::ml {
namespace {

constexpr std::int64_t kIntervalUs = 30'000'000;

DetectorOptions vibration() { return {.name = "vibration", .unit = "mm", .learning_samples = 30}; }

signal::GearVibration gear(signal::GearCondition condition, std::uint64_t seed) {
  return signal::GearVibration::create({.condition = condition, .seed = seed}).value();
}

TEST(BurstDetector, IsQuietOnAHealthyGearAndOnASteadilyFaultyOne) {
  int opened = 0;
  for (const auto condition : signal::kGearConditions) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      auto source = gear(condition, seed);
      BurstDetector detector(vibration());
      for (int i = 0; i < 400; ++i) {
        const auto burst = source.generate(1024);
        source.skip(29.7952);
        for (const auto& change : detector.update(i * kIntervalUs, burst.x_axis, 5000.0)) {
          if (change.change.phase != AnomalyPhase::kOpened) continue;
          ++opened;
          std::cout << to_string(condition) << " seed " << seed << " burst " << i << ": "
                    << change.change.reason << '\n';
        }
      }
    }
  }
  std::cout << opened << " false alarms in 12000 bursts of 6 features, seeds 1-5\n";
  EXPECT_LE(opened, 6);
}

TEST(BurstDetector, NoticesThatAToothHasBroken) {
  auto healthy = gear(signal::GearCondition::kNoFault, 1);
  auto broken = gear(signal::GearCondition::kMissingTooth, 1);
  BurstDetector detector(vibration());
  std::vector<BurstChange> changes;
  for (int i = 0; i < 200; ++i) {
    auto& source = i < 150 ? healthy : broken;
    const auto burst = source.generate(1024);
    source.skip(29.7952);
    for (auto& change : detector.update(i * kIntervalUs, burst.x_axis, 5000.0)) {
      EXPECT_GE(i, 150) << change.change.reason;
      changes.push_back(std::move(change));
    }
  }
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].change.start_us, 150 * kIntervalUs);
  bool names_a_feature = false;
  for (const auto& change : changes) {
    names_a_feature |= change.change.reason.find(" of vibration ") != std::string::npos;
  }
  EXPECT_TRUE(names_a_feature);
  EXPECT_TRUE(detector.is_anomalous());
}

TEST(BurstDetector, GoesOnAfterARestart) {
  auto source = gear(signal::GearCondition::kNoFault, 2);
  BurstDetector detector(vibration());
  for (int i = 0; i < 50; ++i) {
    detector.update(i * kIntervalUs, source.generate(1024).x_axis, 5000.0);
  }
  EXPECT_EQ(detector.state(), DetectorState::kReady);
  const auto restored = BurstDetector::restore(vibration(), detector.save());
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state(), DetectorState::kReady);
  EXPECT_EQ(restored->save(), detector.save());
  EXPECT_FALSE(BurstDetector::restore(vibration(), "nonsense"));
  EXPECT_FALSE(BurstDetector::restore(vibration(), std::string()));
}

TEST(BurstDetector, IgnoresBurstsTooShortToJudge) {
  BurstDetector detector(vibration());
  EXPECT_TRUE(detector.update(0, std::vector<double>(15, 1.0), 5000.0).empty());
}

}  // namespace
}  // namespace millwright::ml
