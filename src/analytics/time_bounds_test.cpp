#include "analytics/time_bounds.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

struct Bounds {
  std::string start, end, zone;
  std::string first, after;  // half-open, in UTC
};

void PrintTo(const Bounds& bounds, std::ostream* out) {
  *out << bounds.start << " to " << bounds.end << " in " << bounds.zone;
}

class BoundsTest : public ::testing::TestWithParam<Bounds> {};

TEST_P(BoundsTest, AreTheExpectedInstants) {
  const Bounds& bounds = GetParam();
  const auto zone = TimeZone::load(bounds.zone);
  ASSERT_TRUE(zone);
  const auto range = parse_bounds(bounds.start, bounds.end, *zone);
  ASSERT_TRUE(range) << range.error().message;
  EXPECT_EQ(format_utc(from_us(range->start_us)), bounds.first);
  EXPECT_EQ(format_utc(from_us(range->end_us)), bounds.after);
}

INSTANTIATE_TEST_SUITE_P(
    TimeBounds, BoundsTest,
    ::testing::Values(Bounds{"2026-06-01T10:00:00", "2026-06-01T10:00:00", "Europe/Zurich",
                             "2026-06-01T08:00:00.000000Z", "2026-06-01T08:00:00.000001Z"},
                      Bounds{"2026-06-01", "2026-06-02", "Europe/Zurich",
                             "2026-05-31T22:00:00.000000Z", "2026-06-02T22:00:00.000000Z"},
                      Bounds{"2026-06-01T08:00Z", "2026-06-01T10:30:00.5+02:00", "America/New_York",
                             "2026-06-01T08:00:00.000000Z", "2026-06-01T08:30:00.500001Z"},
                      // In the fold of autumn everything of both passes is inside.
                      Bounds{"2026-10-25T02:15:00", "2026-10-25T02:15:00", "Europe/Zurich",
                             "2026-10-25T00:15:00.000000Z", "2026-10-25T01:15:00.000001Z"},
                      // A day of the change has 25 or 23 hours.
                      Bounds{"2026-10-25", "2026-10-25", "Europe/Zurich",
                             "2026-10-24T22:00:00.000000Z", "2026-10-25T23:00:00.000000Z"},
                      Bounds{"2026-03-29", "2026-03-29", "Europe/Zurich",
                             "2026-03-28T23:00:00.000000Z", "2026-03-29T22:00:00.000000Z"},
                      // A local time that the clock skips means the instant of the jump.
                      Bounds{"2026-03-29T02:30:00", "2026-03-29T04:00:00", "Europe/Zurich",
                             "2026-03-29T01:00:00.000000Z", "2026-03-29T02:00:00.000001Z"}));

TEST(TimeBounds, RefusesWhatIsNoTimeByFieldAndValue) {
  const auto zone = TimeZone::load("UTC");
  for (const std::string bad : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-06-01T25:00:00",
                                "2026-06-01T10:00:00+99:00", "2026-06-01T10:00:00Z extra",
                                "1780300800", "2026-06-01\nT10:00"}) {
    const auto as_start = parse_bounds(bad, "2026-06-02", *zone);
    ASSERT_FALSE(as_start) << bad;
    EXPECT_EQ(as_start.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(as_start.error().message.rfind("start '", 0), 0U) << as_start.error().message;
    const auto as_end = parse_bounds("2026-06-01", bad, *zone);
    ASSERT_FALSE(as_end) << bad;
    EXPECT_EQ(as_end.error().message.rfind("end '", 0), 0U) << as_end.error().message;
  }
}

TEST(TimeBounds, SaysThatTheClockSkippedTheWholeRange) {
  const auto zone = TimeZone::load("Pacific/Apia");
  for (const std::string start : {"2011-12-30", "2011-12-30T10:00:00"}) {
    const auto range = parse_bounds(start, "2011-12-30", *zone);
    ASSERT_FALSE(range) << start;
    EXPECT_EQ(range.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(range.error().message,
              "end '2011-12-30' is a day that the clock of 'Pacific/Apia' skips; choose a range "
              "with a day that exists");
  }
  EXPECT_TRUE(parse_bounds("2011-12-29", "2011-12-30", *zone));
  EXPECT_TRUE(parse_bounds("2011-12-30", "2011-12-31", *zone));
  const auto reversed = parse_bounds("2012-01-02", "2011-12-30", *zone);
  ASSERT_FALSE(reversed);
  EXPECT_NE(reversed.error().message.find("is before start"), std::string::npos);
}

TEST(TimeBounds, RefusesAnEndBeforeTheStart) {
  const auto zone = TimeZone::load("UTC");
  const auto range = parse_bounds("2026-06-02", "2026-06-01", *zone);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(range.error().message.find("end '2026-06-01' is before start '2026-06-02'"),
            std::string::npos);
}

}  // namespace
}  // namespace millwright
