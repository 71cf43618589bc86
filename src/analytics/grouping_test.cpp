#include "analytics/grouping.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace millwright {
namespace {

std::int64_t us(std::string_view text) { return to_us(parse_utc(text).value()); }

std::vector<std::string> labels(const TimeZone& zone, const BucketGrid& grid) {
  std::vector<std::string> texts;
  for (const std::int64_t start : grid.starts_us) {
    texts.push_back(format_local(zone.to_local(from_us(start))));
  }
  return texts;
}

std::vector<std::string> labels(const char* name, Grouping grouping, const char* start,
                                const char* end) {
  const TimeZone zone = TimeZone::load(name).value();
  return labels(zone, make_grid(zone, grouping, {us(start), us(end)}, 1'000).value());
}

using Texts = std::vector<std::string>;

TEST(Grouping, AnAutumnFoldHasBothHours) {
  EXPECT_EQ(
      labels("Europe/Zurich", Grouping::kHourly, "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z"),
      (Texts{"2026-10-25T01:00:00", "2026-10-25T02:00:00", "2026-10-25T02:00:00",
             "2026-10-25T03:00:00"}));
}

TEST(Grouping, ASpringGapHasNoHour) {
  EXPECT_EQ(
      labels("Europe/Zurich", Grouping::kHourly, "2026-03-29T00:00:00Z", "2026-03-29T02:30:00Z"),
      (Texts{"2026-03-29T01:00:00", "2026-03-29T03:00:00", "2026-03-29T04:00:00"}));
}

TEST(Grouping, AChangeByHalfAnHourSplitsTheHour) {
  // Lord Howe Island, 2026-04-05: at 02:00 back to 01:30.
  EXPECT_EQ(labels("Australia/Lord_Howe", Grouping::kHourly, "2026-04-04T14:00:00Z",
                   "2026-04-04T16:00:00Z"),
            (Texts{"2026-04-05T01:00:00", "2026-04-05T01:30:00", "2026-04-05T02:00:00"}));
}

TEST(Grouping, DaysBeginWhereTheirMidnightIsSkipped) {
  // Sao Paulo, 2018-11-04: at 00:00 forward to 01:00.
  EXPECT_EQ(
      labels("America/Sao_Paulo", Grouping::kDaily, "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z"),
      (Texts{"2018-11-03T00:00:00", "2018-11-04T01:00:00", "2018-11-05T00:00:00"}));
}

TEST(Grouping, ADayThatAZoneSkippedHasNoBucket) {
  // Samoa went from the 29th to the 31st of December 2011.
  EXPECT_EQ(
      labels("Pacific/Apia", Grouping::kDaily, "2011-12-29T20:00:00Z", "2011-12-31T20:00:00Z"),
      (Texts{"2011-12-29T00:00:00", "2011-12-31T00:00:00", "2012-01-01T00:00:00"}));
}

TEST(Grouping, WeeksBeginOnMonday) {
  EXPECT_EQ(labels("UTC", Grouping::kWeekly, "2026-06-07T23:59:59Z", "2026-06-08T00:00:01Z"),
            (Texts{"2026-06-01T00:00:00", "2026-06-08T00:00:00"}));
  EXPECT_EQ(labels("UTC", Grouping::kWeekly, "1969-12-31T00:00:00Z", "1969-12-31T00:00:01Z"),
            (Texts{"1969-12-29T00:00:00"}));
}

TEST(Grouping, MonthsAndYearsAreTheCalendars) {
  EXPECT_EQ(
      labels("Asia/Tokyo", Grouping::kMonthly, "2024-01-31T15:00:00Z", "2024-03-31T15:00:00Z"),
      (Texts{"2024-02-01T00:00:00", "2024-03-01T00:00:00"}));
  EXPECT_EQ(labels("Asia/Tokyo", Grouping::kYearly, "2024-12-31T14:59:59Z", "2024-12-31T15:00:01Z"),
            (Texts{"2024-01-01T00:00:00", "2025-01-01T00:00:00"}));
}

TEST(Grouping, BoundariesAreCutToTheRangeAndStartsAreNot) {
  const TimeZone zone = TimeZone::load("UTC").value();
  const TimeRange range{us("2026-06-01T10:20:00Z"), us("2026-06-01T12:40:00Z")};
  const BucketGrid grid = make_grid(zone, Grouping::kHourly, range, 10).value();
  EXPECT_EQ(grid.boundaries_us, (std::vector{range.start_us, us("2026-06-01T11:00:00Z"),
                                             us("2026-06-01T12:00:00Z"), range.end_us}));
  EXPECT_EQ(grid.starts_us.front(), us("2026-06-01T10:00:00Z"));
}

TEST(Grouping, RefusesMoreBucketsThanTheLimitWithoutWalkingThem) {
  const TimeZone zone = TimeZone::load("UTC").value();
  const TimeRange century{us("1970-01-01T00:00:00Z"), us("2070-01-01T00:00:00Z")};
  for (const Grouping grouping : {Grouping::kSecond, Grouping::kHourly, Grouping::kMonthly}) {
    const auto grid = make_grid(zone, grouping, century, 1'000);
    ASSERT_FALSE(grid);
    EXPECT_EQ(grid.error().code, ErrorCode::kResourceExhausted);
  }
  EXPECT_TRUE(make_grid(zone, Grouping::kYearly, century, 1'000));
  EXPECT_TRUE(make_grid(zone, Grouping::kYearly, century, 100));
}

TEST(Grouping, EveryInstantFallsIntoTheBucketThatAClockShows) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::int64_t unit_us = 3'600'000'000;
  for (const char* name : {"Europe/Zurich", "America/St_Johns", "Australia/Lord_Howe",
                           "Asia/Kathmandu", "America/Havana", "UTC"}) {
    const TimeZone zone = TimeZone::load(name).value();
    for (int round = 0; round < 50; ++round) {
      const std::int64_t start =
          us("1990-01-01T00:00:00Z") +
          static_cast<std::int64_t>(random() % (std::uint64_t{40} * 365 * 86'400)) * 1'000'000;
      const TimeRange range{start, start + 20 * unit_us};
      const BucketGrid grid = make_grid(zone, Grouping::kHourly, range, 100).value();
      ASSERT_EQ(grid.boundaries_us.size(), grid.starts_us.size() + 1);
      ASSERT_EQ(grid.boundaries_us.front(), range.start_us);
      ASSERT_EQ(grid.boundaries_us.back(), range.end_us);
      for (std::size_t i = 0; i < grid.starts_us.size(); ++i) {
        ASSERT_LT(grid.boundaries_us[i], grid.boundaries_us[i + 1]);
        const auto hour = [&](std::int64_t t) {
          return zone.to_local(from_us(t)).time_since_epoch().count() / unit_us;
        };
        // First and last instant of a bucket lie in one hour of one offset.
        EXPECT_EQ(hour(grid.boundaries_us[i]), hour(grid.boundaries_us[i + 1] - 1)) << name;
        EXPECT_EQ(zone.offset_at(from_us(grid.boundaries_us[i])),
                  zone.offset_at(from_us(grid.boundaries_us[i + 1] - 1)))
            << name;
      }
    }
  }
}

TEST(Grouping, EveryNameOfTheSchemaIsKnown) {
  for (const char* name : {"SECOND", "MINUTE", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}) {
    EXPECT_TRUE(grouping_of(name)) << name;
  }
  EXPECT_FALSE(grouping_of("FORTNIGHTLY"));
  EXPECT_FALSE(grouping_of(""));
}

TEST(Aggregation, AnswersEachValueOfABucket) {
  Bucket bucket;
  for (const double value : {3.0, 9.0, 1.0, 5.0}) bucket.add(value);
  const std::pair<const char*, double> expected[] = {
      {"MIN", 1}, {"MAX", 9}, {"AVG", 4.5}, {"SUM", 18}, {"COUNT", 4}, {"FIRST", 3}, {"LAST", 5}};
  for (const auto& [name, value] : expected) {
    const auto aggregation = aggregation_of(name);
    ASSERT_TRUE(aggregation) << name;
    EXPECT_EQ(value_of(bucket, *aggregation), value) << name;
  }
}

TEST(Grouping, ValuesOfABucketAreFiniteWhateverItsSum) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  struct Case {
    std::vector<double> samples;
    double sum, avg;
  };
  for (const Case& row : {Case{{1.7e308, 1.7e308}, kLargest, 1.7e308},
                          Case{{-1.7e308, -1.7e308}, -kLargest, -1.7e308},
                          Case{{1.7e308, 1.7e308, 0, 0}, kLargest, kLargest / 4}}) {
    Bucket bucket;
    for (const double sample : row.samples) bucket.add(sample);
    EXPECT_EQ(value_of(bucket, Aggregation::kSum), row.sum);
    EXPECT_EQ(value_of(bucket, Aggregation::kAvg), row.avg);
  }
  Bucket both;  // added up from parts that left the range on both sides
  both.add(1.7e308);
  both.add(-1.7e308);
  both.sum = std::numeric_limits<double>::infinity() - std::numeric_limits<double>::infinity();
  EXPECT_EQ(value_of(both, Aggregation::kSum), 0);
  EXPECT_EQ(value_of(both, Aggregation::kAvg), 0);
}

}  // namespace
}  // namespace millwright
