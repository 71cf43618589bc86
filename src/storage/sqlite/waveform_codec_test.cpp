#include "storage/sqlite/waveform_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <random>

#include "storage/sqlite/chunk_codec_testing.h"

namespace millwright {
namespace {

using testing::seal;

TEST(WaveformCodec, EveryFloatSurvives) {
  std::mt19937_64 random(2);
  for (const std::size_t count : {1u, 2u, 1'000u, 65'536u}) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(random() % 4 == 0
                           ? std::bit_cast<float>(static_cast<std::uint32_t>(random()))
                           : std::sin(static_cast<float>(i)));
    }
    const auto decoded = decode_waveform(encode_waveform(values));
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->size(), count);
    EXPECT_EQ(std::memcmp(decoded->data(), values.data(), count * sizeof(float)), 0);
  }
}

TEST(WaveformCodec, DamageIsNoticedAndNeverCrashes) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  const Bytes good = encode_waveform(std::vector<float>(300, 0.5F));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_waveform(std::span(good).first(size)));
  }
  for (int round = 0; round < 2'000; ++round) {
    Bytes bad = good;
    bad[random() % bad.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
    ASSERT_FALSE(decode_waveform(bad));
    seal(bad);
    const auto decoded = decode_waveform(bad);
    ASSERT_TRUE(!decoded || decoded->size() <= std::size_t{1} << 24);
  }
}

}  // namespace
}  // namespace millwright
