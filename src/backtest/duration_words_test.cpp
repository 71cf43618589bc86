#include "backtest/duration_words.h"

#include <gtest/gtest.h>

namespace millwright::backtest {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationWords, NumbersAndUnitsAreRead) {
  EXPECT_EQ(*parse_duration("horizon", "7d"), days(7));
  EXPECT_EQ(*parse_duration("horizon", "2 w"), days(14));
  EXPECT_EQ(*parse_duration("time", "1.5 h"), minutes(90));
  EXPECT_EQ(*parse_duration("time", "10 min"), minutes(10));
  EXPECT_EQ(*parse_duration("time", "0 s"), seconds(0));
}

TEST(DurationWords, WhatIsNoneIsNamed) {
  for (const char* text :
       {"", "7", "d", "7 m", "-1 h", "1 h 3 min", "20 years", "600 w", "nan h"}) {
    const auto read = parse_duration("horizon", text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find("horizon '" + std::string(text) + "'"), std::string::npos)
        << read.error().message;
  }
}

TEST(DurationWords, TwoUnitsAreEnoughToRead) {
  EXPECT_EQ(format_duration(days(3) + hours(4) + minutes(59)), "3 d 4 h");
  EXPECT_EQ(format_duration(days(3) + minutes(59)), "3 d");
  EXPECT_EQ(format_duration(minutes(50)), "50 min");
  EXPECT_EQ(format_duration(-hours(1) - seconds(5)), "-1 h");
  EXPECT_EQ(format_duration(-minutes(1) - seconds(5)), "-1 min 5 s");
  EXPECT_EQ(format_duration(seconds(0)), "0 s");
  EXPECT_EQ(format_duration(-Microseconds(1)), "0 s");
}

}  // namespace
}  // namespace millwright::backtest
