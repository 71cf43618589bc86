#include "storage/sqlite/chunk_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <random>

#include "record/record.h"
#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

using Times = std::vector<std::int64_t>;
using Values = std::vector<double>;

constexpr std::int64_t kStart = 1'764'000'000'000'000;

Times every(std::int64_t step_us, std::size_t count) {
  Times out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(kStart + step_us * static_cast<std::int64_t>(i));
  }
  return out;
}

Bytes encoded(const Times& times, const Values& values) {
  ChunkEncoder encoder;
  return encoder.encode(times, values);
}

/// Encodes, decodes and compares bit by bit; answers the size in bytes.
std::size_t round_trip(const Times& times, const Values& values) {
  const Bytes bytes = encoded(times, values);
  SampleColumns out;
  const auto decoded = decode_chunk(bytes, out);
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(out.timestamp_us, times);
  EXPECT_EQ(out.value.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(out.value[i]), std::bit_cast<std::uint64_t>(values[i]))
        << i;
  }
  return bytes.size();
}

/// Puts a right checksum at the end of damaged bytes, so that decoding goes on.
void seal(Bytes& bytes) {
  const std::size_t size = bytes.size() - sizeof(std::uint32_t);
  const std::uint32_t crc = record::crc32c(0, {reinterpret_cast<const char*>(bytes.data()), size});
  std::memcpy(bytes.data() + size, &crc, sizeof crc);
}

TEST(ChunkCodec, RegularTimesAndAConstantAreNextToNothing) {
  EXPECT_LE(round_trip(every(1'000'000, 1'024), Values(1'024, 21.5)), 60u);
}

TEST(ChunkCodec, TwoDecimalsOfASlowMetricTakeAboutAByte) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, 0.1);
  Values values;
  for (int i = 0; i < 1'024; ++i) values.push_back(std::round((20 + noise(random)) * 100) / 100);
  EXPECT_LE(round_trip(every(1'000'000, 1'024), values), 1'024u * 1.2);
}

TEST(ChunkCodec, EveryDoubleSurvives) {
  const double all[] = {0.0,
                        -0.0,
                        5e-324,
                        -2.2e-308,
                        1e308,
                        -std::numeric_limits<double>::max(),
                        std::numeric_limits<double>::infinity(),
                        std::numeric_limits<double>::quiet_NaN(),
                        9007199254740993.0,
                        0.1,
                        1.0 / 3,
                        123456.789,
                        1e-12,
                        4503599627370497.5};
  for (const double one : all) {
    round_trip({kStart}, {one});
    for (const double other : all) round_trip(every(7, 3), {one, other, one});
  }
  round_trip(every(1, std::size(all)), Values(std::begin(all), std::end(all)));
}

TEST(ChunkCodec, TheEndsOfTimeSurvive) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  round_trip({kMin}, {1});
  round_trip({kMin, kMax}, {1, 2});
  round_trip({kMin, -1, 0, kMax - 1, kMax}, {1, 2, 3, 4, 5});
}

TEST(ChunkCodec, RandomChunksSurvive) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + random() % 400;
    const unsigned kind = random() % 5;
    const std::int64_t unit = std::int64_t{1} << (random() % 30);
    Times times{kStart};
    while (times.size() < count) {
      times.push_back(times.back() + unit * static_cast<std::int64_t>(1 + random() % 5));
    }
    Values values;
    double walk = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto n = static_cast<double>(static_cast<std::int64_t>(random()) >> (random() % 64));
      if (kind == 0) values.push_back(std::bit_cast<double>(random()));
      if (kind == 1) values.push_back(n / 1000);
      if (kind == 2) values.push_back(walk += static_cast<double>(random() % 7) - 3);
      if (kind == 3) values.push_back(static_cast<float>(n) / 3.0F);
      if (kind == 4) values.push_back(random() % 2 == 0 ? 0 : 1);
    }
    round_trip(times, values);
  }
}

TEST(ChunkCodec, EveryFlippedBitAndEveryCutIsNoticed) {
  const Bytes good = encoded(every(1'000, 40), Values(40, 1.25));
  SampleColumns out;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto decoded = decode_chunk(bad, out);
    ASSERT_FALSE(decoded) << "bit " << bit;
    EXPECT_EQ(decoded.error().code, ErrorCode::kDataLoss);
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_chunk(std::span(good).first(size), out)) << size;
  }
}

TEST(ChunkCodec, DamageUnderARightChecksumNeverCrashes) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  SampleColumns out;
  for (int round = 0; round < 20'000; ++round) {
    Values values(1 + random() % 200);
    for (double& v : values) v = random() % 2 ? std::bit_cast<double>(random()) : 1.5;
    Bytes bytes = encoded(every(1'000, values.size()), values);
    for (int k = 0; k < 3; ++k)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    if (random() % 3 == 0) bytes.resize(4 + random() % bytes.size());
    seal(bytes);
    if (const auto decoded = decode_chunk(bytes, out)) {
      ASSERT_EQ(out.timestamp_us.size(), out.value.size());
      ASSERT_LE(out.size(), kMaxChunkSamples);
    } else {
      ASSERT_EQ(decoded.error().code, ErrorCode::kDataLoss);
    }
  }
}

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
