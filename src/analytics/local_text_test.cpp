#include "analytics/local_text.h"

#include <gtest/gtest.h>

#include <random>

namespace millwright {
namespace {

TEST(LocalTextWriter, WritesWhatFormatLocalWrites) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (const char* name : {"Europe/Zurich", "America/New_York", "Asia/Kathmandu", "UTC"}) {
    const TimeZone zone = TimeZone::load(name).value();
    LocalTextWriter writer(zone);
    const std::int64_t steps[] = {200, 999'999, 1'000'000, 60'000'000, 3'600'000'000};
    std::int64_t t = -86'400'000'000'000;
    for (int i = 0; i < 20'000; ++i) {
      t += steps[random() % 5] * static_cast<std::int64_t>(random() % 100);
      ASSERT_EQ(writer.write(t), format_local(zone.to_local(from_us(t)))) << t << " in " << name;
    }
  }
}

TEST(LocalTextWriter, FollowsTheClockThroughAChangeWithinOneHour) {
  const TimeZone zone = TimeZone::load("Europe/Zurich").value();
  LocalTextWriter writer(zone);
  const std::int64_t change = to_us(parse_utc("2026-10-25T01:00:00Z").value());
  EXPECT_EQ(writer.write(change - 1), "2026-10-25T02:59:59.999999");
  EXPECT_EQ(writer.write(change), "2026-10-25T02:00:00");
}

TEST(UtcText, LeavesTrailingZerosOut) {
  EXPECT_EQ(utc_text(parse_utc("2026-11-25T09:30:00.5Z").value()), "2026-11-25T09:30:00.5Z");
  EXPECT_EQ(utc_text(parse_utc("2026-11-25T09:30:00Z").value()), "2026-11-25T09:30:00Z");
}

}  // namespace
}  // namespace millwright
