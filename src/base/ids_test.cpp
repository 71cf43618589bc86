#include "base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace millwright {
namespace {

TEST(Identifier, TakesWhatTheFieldUses) {
  EXPECT_EQ(TenantId::parse("100000")->str(), "100000");
  EXPECT_EQ(MetricId::parse("vibration.gear1.x_axis")->str(), "vibration.gear1.x_axis");
  EXPECT_EQ(Path::parse("")->str(), "");
}

TEST(Identifier, RefusesWrongLengthsAndOddCharacters) {
  EXPECT_FALSE(TenantId::parse("10000"));
  EXPECT_FALSE(DeviceId::parse(std::string(65, '1')));
  EXPECT_FALSE(DeviceId::parse("000/01"));
  EXPECT_FALSE(DeviceId::parse(std::string("0000\0001", 7)));
  EXPECT_FALSE(MetricId::parse(""));
  EXPECT_FALSE(MetricId::parse("a..b"));
  EXPECT_FALSE(MetricId::parse(".a"));
  EXPECT_FALSE(Path::parse("conveyor.motor-1"));
  EXPECT_FALSE(Path::parse("conveyor."));
}

TEST(Identifier, ErrorNamesTheFieldAndTheValue) {
  const auto refused = DeviceId::parse("x\n");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("device identifier 'x\\x0a'"));
}

TEST(Path, SubtreeContainsItselfAndWhatIsBelow) {
  const auto path = [](const char* text) { return *Path::parse(text); };
  EXPECT_TRUE(is_within(path("conveyor.motor1"), path("conveyor")));
  EXPECT_TRUE(is_within(path("conveyor"), path("conveyor")));
  EXPECT_TRUE(is_within(path("conveyor"), path("")));
  EXPECT_FALSE(is_within(path("conveyor.motor10"), path("conveyor.motor1")));
}

TEST(Utf8, AcceptsWellFormedTextOnly) {
  EXPECT_TRUE(is_utf8("Zürich °C 温度 😀"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xe2\x82"));
  EXPECT_FALSE(is_utf8("\xff"));
}

}  // namespace
}  // namespace millwright
