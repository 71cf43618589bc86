#include "model/label.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

Label label_of(std::string class_name, std::string note = "") {
  Label label{0,
              *DeviceId::parse("000001"),
              *Path::parse(""),
              {},
              std::move(class_name),
              "ann",
              std::move(note),
              from_us(10),
              from_us(11),
              from_us(20)};
  return label;
}

TEST(Label, AClassIsAWordOfAtMost64Characters) {
  for (const std::string good : {"service", "gear_tooth_broken", "ISO-13373.2", "7", "_"}) {
    EXPECT_TRUE(check_label(label_of(good))) << good;
  }
  EXPECT_TRUE(check_label(label_of(std::string(64, 'a'))));
  for (const std::string& bad :
       {std::string(), std::string(65, 'a'), std::string("two words"), std::string("größe"),
        std::string("a\nb"), std::string("a/b"), std::string("a\0b", 3)}) {
    const auto refused = check_label(label_of(bad));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(refused.error().message.find("class '"), std::string::npos);
  }
}

TEST(Label, ANoteIsCountedInCharacters) {
  std::string umlauts;
  for (int i = 0; i < 1'000; ++i) umlauts += "ü";
  EXPECT_TRUE(check_label(label_of("service", umlauts)));
  const auto refused = check_label(label_of("service", umlauts + "!"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "note has 1001 characters; at most 1000 are kept");
}

TEST(Label, ANoteIsWellFormed) {
  EXPECT_TRUE(check_label(label_of("service", "line\nbelow, 'quoted'; 2 °C")));
  for (const std::string& bad :
       {std::string("\xff"), std::string("\xc3"), std::string("a\0b", 3)}) {
    const auto refused = check_label(label_of("service", bad));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Label, AnEndIsAfterTheStartOrOpen) {
  Label label = label_of("service");
  EXPECT_TRUE(check_label(label));
  label.end = std::nullopt;
  EXPECT_TRUE(check_label(label));
  for (const int end : {10, 9}) {
    label.end = from_us(end);
    const auto refused = check_label(label);
    ASSERT_FALSE(refused) << end;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace millwright
