#include "model/degradation_limit.h"

#include <gtest/gtest.h>

#include <limits>

namespace millwright {
namespace {

DegradationLimit limit_of(double value, LimitSide side = LimitSide::kAbove) {
  return {
      0,
      {*DeviceId::parse("000001"), *Path::parse("line.pump"), *MetricId::parse("vibration.rms")},
      value,
      side,
      "eve",
      "ISO 20816-3, zone D",
      {}};
}

TEST(DegradationLimit, OnlyAFiniteValueIsALimit) {
  for (const double good : {7.1, 0.0, -40.0, 1e300}) {
    EXPECT_TRUE(check_degradation_limit(limit_of(good))) << good;
  }
  using Limits = std::numeric_limits<double>;
  for (const double bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
    const auto refused = check_degradation_limit(limit_of(bad));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(DegradationLimit, ANoteIsCheckedAsThatOfALabel) {
  DegradationLimit limit = limit_of(7.1);
  limit.note = std::string(1'000, 'n');
  EXPECT_TRUE(check_degradation_limit(limit));
  limit.note += 'n';
  EXPECT_EQ(check_degradation_limit(limit).error().code, ErrorCode::kInvalidArgument);
}

TEST(DegradationLimit, BothSidesOfAMetricAreToldApartByTheirModel) {
  EXPECT_EQ(model_name(limit_of(7.1)), "limit above vibration.rms");
  EXPECT_EQ(model_name(limit_of(3.5, LimitSide::kBelow)), "limit below vibration.rms");
}

}  // namespace
}  // namespace millwright
