// Bytes as version 1 of the format wrote them, which are still read.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/chunk_codec_testing.h"

namespace millwright {
namespace {

using testing::from_hex;

const Bytes& noise() {
  static const Bytes kBytes = from_hex(
      "014603d0959096a896a206e6d40306000000bd0f0040ef0300d0fb0000f43e0000bd0f0040ef0300"
      "00f43e0000bd0f0040ef0300d0fb0000f43e0000bd0f000600d0fb0102a01f05c228b7edf4eb0c40"
      "10ebb4f2964a1046b96da75f67008258a795b7548230ca6d3bfd3a0310c43aad05bca51200dac59d"
      "19");
  return kBytes;
}

std::int64_t jittered(int i) {
  return 1'764'000'000'000'000 + i * std::int64_t{60'000'000} + ((i * 37) % 31 - 15) * 1'000;
}

void expect_noise(const SampleColumns& out, int first, int end) {
  ASSERT_EQ(out.timestamp_us.size(), static_cast<std::size_t>(end - first));
  ASSERT_EQ(out.value.size(), out.timestamp_us.size());
  for (int i = first; i < end; ++i) {
    EXPECT_EQ(out.timestamp_us[static_cast<std::size_t>(i - first)], jittered(i));
    EXPECT_EQ(out.value[static_cast<std::size_t>(i - first)], (2'000 + (i * i) % 23) / 100.0);
  }
}

TEST(ChunkVersion1, DecimalsAreStillRead) {
  SampleColumns out;
  ASSERT_TRUE(decode_chunk(noise(), out));
  expect_noise(out, 0, 70);
}

TEST(ChunkVersion1, ARangeIsCutOut) {
  SampleColumns out;
  ASSERT_TRUE(decode_chunk(noise(), {jittered(10), jittered(20)}, out));
  expect_noise(out, 10, 20);
  ASSERT_TRUE(
      decode_chunk(noise(), {jittered(69) + 1, std::numeric_limits<std::int64_t>::max()}, out));
  EXPECT_TRUE(out.empty() && out.value.empty());
}

TEST(ChunkVersion1, DifferencesOfDecimalsAreStillRead) {
  const Bytes bytes = from_hex(
      "014603d0959096a896a206e6d40306000000bd0f0040ef0300d0fb0000f43e0000bd0f0040ef0300"
      "00f43e0000bd0f0040ef0300d0fb0000f43e0000bd0f000600d0fb0102a01f06b6cddaac6db3366b"
      "dbaccdda366bb3b6cddaac6db3366bdbaccdda366bb3b6cddaac6db3366bdbaccdda366bb3b6cdda"
      "06ac6db33626dcf846");
  SampleColumns out;
  ASSERT_TRUE(decode_chunk(bytes, out));
  ASSERT_EQ(out.size(), 70u);
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(out.timestamp_us[static_cast<std::size_t>(i)], jittered(i));
    EXPECT_EQ(out.value[static_cast<std::size_t>(i)], (2'000 + i * 25 + (i * 7) % 5) / 100.0);
  }
}

TEST(ChunkVersion1, BitsAreStillRead) {
  const Bytes bytes =
      from_hex("010300090503040200000000000000008040555555555555d5bf545555555555d53f07ac8c1a");
  SampleColumns out;
  ASSERT_TRUE(decode_chunk(bytes, out));
  EXPECT_EQ(out.timestamp_us, (std::vector<std::int64_t>{-5, 0, 7}));
  EXPECT_EQ(out.value, (std::vector<double>{-0.0, 1.0 / 3, 5e-324}));
  EXPECT_TRUE(std::signbit(out.value[0]));
}

TEST(ChunkVersion1, OneSampleIsStillRead) {
  const Bytes bytes = from_hex("01010680809296a896a2060001ae03618cd31b");
  SampleColumns out;
  ASSERT_TRUE(decode_chunk(bytes, out));
  EXPECT_EQ(out.timestamp_us, (std::vector<std::int64_t>{1'764'000'000'000'000}));
  EXPECT_EQ(out.value, (std::vector<double>{21.5}));
}

TEST(ChunkVersion1, EveryFlippedBitAndEveryCutIsNoticed) {
  SampleColumns out;
  for (std::size_t bit = 0; bit < noise().size() * 8; ++bit) {
    Bytes bad = noise();
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_FALSE(decode_chunk(bad, out)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < noise().size(); ++size) {
    ASSERT_FALSE(decode_chunk(std::span(noise()).first(size), out)) << size;
  }
}

}  // namespace
}  // namespace millwright
