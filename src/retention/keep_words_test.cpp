#include "retention/keep_words.h"

#include <gtest/gtest.h>

namespace millwright::retention {
namespace {

using std::chrono::hours;

TEST(KeepWords, ReadsEveryUnit) {
  EXPECT_EQ(*parse_keep("forever"), hours(0));
  EXPECT_EQ(*parse_keep("1 hour"), hours(1));
  EXPECT_EQ(*parse_keep("2 days"), hours(48));
  EXPECT_EQ(*parse_keep("3 weeks"), hours(504));
  EXPECT_EQ(*parse_keep("1 month"), hours(731));  // 730.5, rounded up
  EXPECT_EQ(*parse_keep("36 months"), hours(26'298));
  EXPECT_EQ(*parse_keep("10 years"), hours(87'660));
  EXPECT_EQ(*parse_keep("48h"), hours(48));
  EXPECT_EQ(*parse_keep("2d"), hours(48));
  EXPECT_EQ(*parse_keep("1000y"), hours(8'766'000));
}

TEST(KeepWords, RefusesEverythingElse) {
  for (const char* text : {"", "0 days", "-1 day", "1", "days", "1.5 days", "2 fortnights",
                           "1001 years", "99999999999999999999 h", "9000000 days", " 2 days",
                           "2  days", "2 days ", "Forever", "1e3 h"}) {
    const auto refused = parse_keep(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(refused.error().message.find("'36 months'"), std::string::npos);
  }
}

TEST(KeepWords, WhatIsWrittenReadsBackTheSame) {
  EXPECT_EQ(format_keep(hours(0)), "forever");
  EXPECT_EQ(format_keep(hours(26'298)), "3 years");
  EXPECT_EQ(format_keep(hours(731)), "1 month");
  EXPECT_EQ(format_keep(hours(720)), "30 days");
  EXPECT_EQ(format_keep(hours(24)), "1 day");
  EXPECT_EQ(format_keep(hours(25)), "25 hours");
  for (int h = 0; h < 30'000; ++h) ASSERT_EQ(*parse_keep(format_keep(hours(h))), hours(h)) << h;
}

TEST(KeepWords, SizesAreDecimal) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(640), "640 bytes");
  EXPECT_EQ(format_bytes(1'000), "1.0 kB");
  EXPECT_EQ(format_bytes(12.4e9), "12.4 GB");
  EXPECT_EQ(format_bytes(999.6e6), "1.0 GB");
  EXPECT_EQ(format_bytes(451e12), "451 TB");
}

}  // namespace
}  // namespace millwright::retention
