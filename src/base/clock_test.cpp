#include "base/clock.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

TEST(Timestamp, IsWrittenAndReadBackToTheMicrosecond) {
  const Timestamp t = from_us(1'764'063'000'123'456);
  EXPECT_EQ(format_utc(t), "2025-11-25T09:30:00.123456Z");
  EXPECT_EQ(*parse_utc(format_utc(t)), t);
}

TEST(Timestamp, UnderstandsOffsetsDatesAndShortFractions) {
  EXPECT_EQ(*parse_utc("2025-11-25T10:30:00.5+01:00"), *parse_utc("2025-11-25T09:30:00.500000Z"));
  EXPECT_EQ(*parse_utc("2025-11-25"), *parse_utc("2025-11-25T00:00:00Z"));
  EXPECT_EQ(*parse_utc("1969-12-31T23:59:59Z"), from_us(-1'000'000));
}

TEST(Timestamp, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "today", "2025-02-30", "2025-11-25T24:00:00", "2025-11-25T10:00:00+25:00",
        "2025-11-25T10:00:00Zx", "2025-11-25T10:00:00.", "20251125"}) {
    EXPECT_FALSE(parse_utc(text)) << text;
  }
}

}  // namespace
}  // namespace millwright
