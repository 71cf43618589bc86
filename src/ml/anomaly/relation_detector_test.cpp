#include "ml/anomaly/relation_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/random.h"

namespace millwright::ml {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

/// A motor whose current follows from speed and load, and a temperature that has nothing to do
/// with them. The operating point wanders.
class Motor {
 public:
  explicit Motor(std::uint64_t seed) : random_(seed) {}
  std::vector<double> row() {
    speed_ += 0.01 * random_.normal() - 0.005 * speed_;
    load_ += 0.01 * random_.normal() - 0.005 * load_;
    temperature_ += 0.05 * random_.normal() - 0.01 * temperature_;
    const double speed = 1500.0 * std::exp(speed_), load = 40.0 * std::exp(load_);
    const double current = 0.0002 * speed * load * std::exp(0.003 * random_.normal());
    return {speed, load, current, 40.0 + temperature_};
  }

 private:
  signal::RandomSource random_;
  double speed_ = 0.0, load_ = 0.0, temperature_ = 0.0;
};

RelationDetector detector_of_motor() {
  auto detector = RelationDetector::create({"speed", "load", "current", "temperature"});
  EXPECT_TRUE(detector);
  return std::move(detector).value();
}

TEST(RelationDetector, LearnsWhichMetricsExplainEachOther) {
  RelationDetector detector = detector_of_motor();
  Motor motor(1);
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(detector.update(i * kMinuteUs, motor.row()));
  const auto by = detector.explained_by(2);
  EXPECT_EQ(std::vector<std::size_t>(by.rbegin(), by.rend()), (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(detector.explained_by(3).empty()) << "the temperature is on its own";
}

TEST(RelationDetector, IsQuietWhileTheRelationHoldsWhateverTheOperatingPoint) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    RelationDetector detector = detector_of_motor();
    Motor motor(seed);
    int opened = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto change = detector.update(i * kMinuteUs, motor.row());
      opened += change && change->is_open;
    }
    EXPECT_LE(opened, 1) << "seed " << seed;
  }
}

TEST(RelationDetector, TellsACurrentThatDriftsWithinItsRangeInWords) {
  RelationDetector detector = detector_of_motor();
  Motor motor(2);
  std::optional<RelationChange> opened;
  for (int i = 0; i < 2'200 && !opened; ++i) {
    auto row = motor.row();
    if (i >= 2'000) row[2] *= 1.0 + 0.002 * (i - 2'000);  // 12 % an hour
    opened = detector.update(i * kMinuteUs, row);
  }
  ASSERT_TRUE(opened);
  EXPECT_GE(opened->start_us, 2'000 * kMinuteUs);
  EXPECT_GT(opened->severity, 3.0);
  EXPECT_NE(opened->reason.find("current"), std::string::npos) << opened->reason;
  EXPECT_NE(opened->reason.find("σ"), std::string::npos) << opened->reason;
}

TEST(RelationDetector, ABrokenRelationIsOverWhenItHoldsAgainOrHasLastedLong) {
  for (const int until : {1'100, 5'000}) {
    RelationDetector detector = detector_of_motor();
    Motor motor(3);
    std::vector<RelationChange> changes;
    for (int i = 0; i < 4'000; ++i) {
      auto row = motor.row();
      if (i >= 1'000 && i < until) row[2] *= 1.3;
      if (auto change = detector.update(i * kMinuteUs, row)) changes.push_back(*change);
    }
    ASSERT_GE(changes.size(), 2u);
    EXPECT_TRUE(changes[0].is_open);
    EXPECT_FALSE(changes[1].is_open);
    const bool is_new_normal = changes[1].reason.find("new normal") != std::string::npos;
    EXPECT_EQ(is_new_normal, until == 5'000) << changes[1].reason;
  }
}

TEST(RelationDetector, ASignThatIsLostStartsLearningAnewAndBadRowsAreLeftOut) {
  EXPECT_EQ(RelationDetector::create({"alone"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(RelationDetector::create(std::vector<std::string>(17, "x")));
  RelationDetector detector = detector_of_motor();
  Motor motor(4);
  for (int i = 0; i < 500; ++i) detector.update(i * kMinuteUs, motor.row());
  auto row = motor.row();
  row[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(detector.update(500 * kMinuteUs, row));
  EXPECT_FALSE(detector.update(501 * kMinuteUs, std::vector<double>{1.0}));
  EXPECT_FALSE(detector.explained_by(2).empty());
  row = motor.row();
  row[0] = -row[0];  // turns backwards: no logarithm any more
  EXPECT_FALSE(detector.update(502 * kMinuteUs, row));
  EXPECT_TRUE(detector.explained_by(2).empty());
  // Constant metrics explain nothing and are explained by nothing.
  RelationDetector constant = detector_of_motor();
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(constant.update(i * kMinuteUs, std::vector<double>{1, 2, 3, 4}));
  }
}

}  // namespace
}  // namespace millwright::ml
