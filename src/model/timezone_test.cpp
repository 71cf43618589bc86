#include "model/timezone.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

TimeZone zurich() { return *TimeZone::load("Europe/Zurich"); }

TEST(TimeZone, RefusesNamesOutsideTheDatabase) {
  for (const char* name :
       {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/Zurich\n"}) {
    EXPECT_FALSE(TimeZone::load(name)) << name;
  }
}

TEST(TimeZone, ShowsLocalTimeInWinterAndSummer) {
  EXPECT_EQ(format_local(zurich().to_local(*parse_utc("2026-01-15T12:00:00Z"))),
            "2026-01-15T13:00:00");
  EXPECT_EQ(format_local(zurich().to_local(*parse_utc("2026-07-15T12:00:00.250Z"))),
            "2026-07-15T14:00:00.25");
}

TEST(TimeZone, AnAutumnFoldHasTwoInstants) {
  const LocalTime local = *parse_local("2026-10-25T02:30:00");
  EXPECT_EQ(zurich().to_utc(local), *parse_utc("2026-10-25T00:30:00Z"));
  EXPECT_EQ(zurich().to_utc_latest(local), *parse_utc("2026-10-25T01:30:00Z"));
}

TEST(TimeZone, ASpringGapIsTheInstantOfTheJump) {
  EXPECT_EQ(zurich().to_utc(*parse_local("2026-03-29T02:30:00")),
            *parse_utc("2026-03-29T01:00:00Z"));
}

TEST(LocalTime, TakesDatesAndRefusesOffsets) {
  EXPECT_EQ(format_local(*parse_local("2026-03-29")), "2026-03-29T00:00:00");
  EXPECT_FALSE(parse_local("2026-03-29T00:00:00Z"));
  EXPECT_FALSE(parse_local("2026-03-29T00:00:00+01:00"));
}

}  // namespace
}  // namespace millwright
