#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace millwright {
namespace {

TEST(Crc32c, AgreesWithTheStandardsExamples) {
  // RFC 3720, appendix B.4.
  EXPECT_EQ(crc32c(0, "123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(0, std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(detail::crc32c_by_table(0, "123456789"), 0xE3069283U);
}

TEST(Crc32c, LongBytesGiveTheSameByInstructionAndByTableAndInParts) {
  std::string all;
  for (int i = 0; i < 10'000; ++i) all.push_back(static_cast<char>(i * 7 + i / 251));
  for (std::size_t cut : {0U, 1U, 7U, 1'023U, 3'071U, 3'072U, 3'073U, 6'144U, 9'999U}) {
    const std::string_view first = std::string_view(all).substr(0, cut);
    const std::string_view rest = std::string_view(all).substr(cut);
    EXPECT_EQ(crc32c(0, first), detail::crc32c_by_table(0, first)) << cut;
    EXPECT_EQ(crc32c(crc32c(0, first), rest), detail::crc32c_by_table(0, all)) << cut;
  }
}

}  // namespace
}  // namespace millwright
