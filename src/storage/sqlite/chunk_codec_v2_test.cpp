// Bytes as version 2 of the format wrote them: they must stay readable, whatever the encoder
// learns to do better.
#include <gtest/gtest.h>

#include <bit>

#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/chunk_codec_testing.h"

namespace millwright {
namespace {

using testing::from_hex;
using testing::kChunkStart;
using testing::same_bits;

/// Knuth's MMIX generator: the same everywhere.
std::uint64_t next(std::uint64_t& state) {
  return state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
}

/// A sample a minute with a jitter of 15 ms; one is 5 s late.
std::int64_t jittered(int i) {
  std::uint64_t s = static_cast<std::uint64_t>(i + 1) * 6'364'136'223'846'793'005;
  s ^= s >> 29;
  s *= 1'442'695'040'888'963'407;
  const auto jitter_ms = static_cast<std::int64_t>((s >> 40) % 31) - 15;
  return kChunkStart + i * std::int64_t{60'000'000} + jitter_ms * 1'000 + (i == 90 ? 5'000'000 : 0);
}

void expect_samples(std::string_view hex, const SampleColumns& samples) {
  const Bytes bytes = from_hex(hex);
  SampleColumns out;
  const auto decoded = decode_chunk(bytes, out);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(out.timestamp_us, samples.timestamp_us);
  EXPECT_TRUE(same_bits(out.value, samples.value));
}

TEST(ChunkVersion2, PredictedDecimalsWithAnExceptionAndLiterals) {
  SampleColumns samples;
  std::uint64_t state = 1;
  std::int64_t level = 2'000;
  std::int64_t speed = 0;
  for (int i = 0; i < 150; ++i) {
    speed = speed / 2 + static_cast<std::int64_t>(next(state) >> 60) - 7;
    level += speed;
    samples.append(jittered(i), static_cast<double>(level) / 100);
  }
  samples.value[70] = -0.0;
  samples.value[71] = 1.0 / 3;
  expect_samples(
      "02879601c0be9296a896a206e807e0d403050427015ace4e34697b88eb5ffaf33b7a5ade7a057ce7"
      "756144577b85e9f50da2ff68686e8221b136eb76933a50b73265312739626ddb1c477446872a945f"
      "018e443cd8ec9c7738e6ee795dd8eb56046f4018f3a7d3d8bc08f845ad647e44b4cb9d86c5260201"
      "800d119e1fc6010016d6692684a586da6cc3600c0637000246fd1f01e01f670d423b95116e70d012"
      "beba7a9eefe89677307a226c80bb5eb47db973233ee242551f0e8c30bcff8af0fb42e898b491b9cc"
      "a6bf0041eb06443d8af5f8b7edd206012c54a99f271fcc0153a42e6dd80200098b019a020909ffaf"
      "d5aad5aad5aa8001ffcfaad5aad5aad57f00aa022b174934",
      samples);
}

TEST(ChunkVersion2, RepeatsAndJumps) {
  SampleColumns samples;
  for (int i = 0; i < 200; ++i) {
    if (i == 50 || i == 51 || i == 120) continue;
    samples.append(kChunkStart + i * std::int64_t{1'000'000}, i / 40 % 2);
  }
  expect_samples(
      "0267c50180809296a896a206c0843d0102000924400009030c00000000010500000202004a620201"
      "00000adc26069e",
      samples);
}

TEST(ChunkVersion2, RealValues) {
  SampleColumns samples;
  std::uint64_t state = 1;
  for (int i = 0; i < 40; ++i) {
    const auto mantissa = static_cast<double>(next(state) >> 12);
    samples.append(jittered(i), 1 + mantissa * 0x1p-52 * 0.25);
  }
  expect_samples(
      "021728c0be9296a896a206e807e0d40305002513e56a46e33e76e3f971395a6ac373c6f150024f5a"
      "01d9b3050132009cf9abeee0f488f07fa691cbb78a9f696ba24f3cdf0741f0f78761e8ffb113948e"
      "5db863edd3b61cd329d802ccba7704e4de7c5622341534904a0ca6a464220e4a0fedc95b83e5c264"
      "5c8f709d2ee09d2ba8b28460c400e5aa10eb836e4856cb742cc1eea5790ebf0a601e86bb554aeca1"
      "e6a0114d69a834e038c227fc05bca6339bb102922f421377c4d664536d26963b65ff4dd080f51122"
      "4e790cf5ac9afecb048ba97ad9e97dda7e552c2eeb2357a0a40dbc877b9a095079a92316ca83e683"
      "d896ed5dbc8b61030351e6056b88749fbbdcfad9a336054810fd0d7a8862fdd87d68e18403fc6a19"
      "3b4e866a0f932143faab911aa902000000000040d14e818ccb491aee8b52",
      samples);
}

TEST(ChunkVersion2, ATableOfValues) {
  SampleColumns samples;
  std::uint64_t state = 1;
  for (int i = 0; i < 60; ++i) {
    samples.append(jittered(i), (9'000 + static_cast<double>(next(state) >> 61)) * 10 / 27'648);
  }
  expect_samples(
      "02173cc0be9296a896a206e807e0d40305002513e56a46e33e76e3f971395a6ac373c6f150024f5a"
      "01d9b305817b582666619da0f4e2550f0a0008010996a1fb92b42fbe89da97a1fb848a8001fb0300"
      "006367124e69a523e39333f1ab22e340e94585c854f0ba01e78276e4",
      samples);
}

TEST(ChunkVersion2, DecimalsRoundedToFloats) {
  SampleColumns samples;
  std::uint64_t state = 1;
  for (int i = 0; i < 60; ++i) {
    const double value = (2'000 + static_cast<double>(next(state) >> 59)) / 100;
    samples.append(jittered(i), static_cast<float>(value));
  }
  expect_samples(
      "02073cc0be9296a896a206e807e0d40305002513e56a46e33e76e3f971395a6ac373c6f150024f5a"
      "01d9b305817b582666619da0f4e2550f0a82010500a01f0d52966114dadc98d5b94d4eb37f9c2ccb"
      "e079a22ac6930b4887fe255389a0b844c1fcab6b019baf299e",
      samples);
}

TEST(ChunkVersion2, OneSample) {
  expect_samples("02070180809296a896a20601d701000002e5672191", {{kChunkStart}, {21.5}});
}

}  // namespace
}  // namespace millwright
