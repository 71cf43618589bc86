#include "storage/sqlite/chunk_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_testing.h"
#include "storage/testing/reference_load.h"

namespace millwright {
namespace {

using testing::kChunkStart;
using testing::make_samples;
using testing::make_values;
using testing::same_bits;
using testing::seal;
using testing::TimeKind;
using testing::ValueKind;

using Times = std::vector<std::int64_t>;
using Values = std::vector<double>;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Times every(std::int64_t step_us, std::size_t count) {
  Times out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(kChunkStart + step_us * static_cast<std::int64_t>(i));
  }
  return out;
}

Bytes encoded(const Times& times, const Values& values) {
  ChunkEncoder encoder;
  return encoder.encode(times, values);
}

/// Decodes with both kernels and compares bit by bit.
void expect_decodes_to(const Bytes& bytes, const SampleColumns& samples) {
  for (const auto* kernels : {&chunk::portable_kernels(), &chunk::fastest_kernels()}) {
    SampleColumns out;
    const auto decoded = chunk::decode_with(*kernels, bytes, nullptr, out);
    ASSERT_TRUE(decoded) << kernels->name << ": " << decoded.error().message;
    ASSERT_EQ(out.timestamp_us, samples.timestamp_us) << kernels->name;
    ASSERT_TRUE(same_bits(out.value, samples.value)) << kernels->name;
  }
}

/// Encodes, decodes and compares; answers the size in bytes.
std::size_t round_trip(const Times& times, const Values& values) {
  const Bytes bytes = encoded(times, values);
  expect_decodes_to(bytes, {times, values});
  return bytes.size();
}

/// The samples of a range by way of the whole chunk.
SampleColumns cut(const SampleColumns& all, TimeRange range) {
  SampleColumns out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t at = all.timestamp_us[i];
    if (at >= range.start_us && at < range.end_us) out.append(at, all.value[i]);
  }
  return out;
}

template <typename Function>
void for_each_kind(const Function& function) {
  for (int t = 0; t < static_cast<int>(TimeKind::kCount); ++t) {
    for (int v = 0; v < static_cast<int>(ValueKind::kCount); ++v) {
      SCOPED_TRACE("time kind " + std::to_string(t) + ", value kind " + std::to_string(v));
      function(static_cast<TimeKind>(t), static_cast<ValueKind>(v));
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

unsigned printed_seed() {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return seed;
}

// How short ---------------------------------------------------------------------------------------

TEST(ChunkCodec, RegularTimesAndAConstantAreNextToNothing) {
  EXPECT_LE(round_trip(every(1'000'000, 1'024), Values(1'024, 21.5)), 40u);
  EXPECT_LE(round_trip({kChunkStart}, {21.5}), 25u);
}

TEST(ChunkCodec, MissingSamplesCostLittle) {
  std::mt19937_64 random(1);
  Times times;
  for (int i = 0; i < 2'048; ++i) {
    if (random() % 20 != 0) times.push_back(kChunkStart + i * std::int64_t{1'000'000});
  }
  EXPECT_LE(round_trip(times, Values(times.size(), 1)), times.size() / 12);
}

TEST(ChunkCodec, AFewOddValuesAmongDecimalsCostLittle) {
  std::mt19937_64 random(2);
  Values values = make_values(ValueKind::kNoise, 2'048, random);
  const std::size_t before = round_trip(every(1'000'000, 2'048), values);
  for (const std::size_t at : {3u, 700u, 701u, 2'047u}) values[at] = 1.0 / 3;
  values[1'000] = -0.0;
  EXPECT_LE(round_trip(every(1'000'000, 2'048), values), before + 80);
}

TEST(ChunkCodec, NegativeZerosAmongDecimalsCostLittle) {
  std::mt19937_64 random(8);
  std::normal_distribution<double> noise(0, 0.1);
  Values values;
  for (int i = 0; i < 2'048; ++i) values.push_back(std::round(noise(random) * 10) / 10);
  EXPECT_GT(std::ranges::count_if(values, [](double v) { return v == 0 && std::signbit(v); }), 300);
  EXPECT_LE(round_trip(every(1'000'000, 2'048), values), 2'048u / 2);
}

TEST(ChunkCodec, DecimalsThatPassedThroughFloatsAreStillDecimals) {
  std::mt19937_64 random(9);
  Values values = make_values(ValueKind::kNoise, 2'048, random);
  const std::size_t bytes = round_trip(every(1'000'000, 2'048), values);
  for (double& v : values) v = static_cast<float>(v);
  EXPECT_LE(round_trip(every(1'000'000, 2'048), values), bytes + 8);
}

TEST(ChunkCodec, ScaledCountsOfAConverterCostLittle) {
  std::mt19937_64 random(10);
  const Values values = make_values(ValueKind::kScaledCounts, 2'048, random);
  EXPECT_LE(round_trip(every(1'000'000, 2'048), values), 2'048u * 5 / 4);
}

TEST(ChunkCodec, FloatsTakeNoMoreThanTheirBits) {
  std::mt19937_64 random(3);
  const std::size_t bytes =
      round_trip(every(1'000'000, 2'048), make_values(ValueKind::kFloat, 2'048, random));
  EXPECT_LE(bytes, 2'048u * 4);
}

TEST(ChunkCodec, TheReferenceLoadTakesWhatItsEntropyAsksFor) {
  // A jitter of 31 equal chances has log2(31) / 8 = 0.619 bytes; less would be a mistake in the
  // load, as values that repeat each other would.
  const std::uint64_t seed = printed_seed();
  constexpr std::size_t kSamples = 2'048;
  double total = 0;
  double times = 0;
  for (int metric = 0; metric < 100; ++metric) {
    testing::ReferenceSeries series(seed, metric, metric);
    SampleColumns samples;
    for (std::int64_t tick = 0; tick < std::int64_t{kSamples}; ++tick) {
      samples.append(kChunkStart + tick * 60'000'000 + series.jitter_ms(tick) * 1'000,
                     series.next_value(tick));
    }
    total += static_cast<double>(round_trip(samples.timestamp_us, samples.value));
    times += static_cast<double>(round_trip(samples.timestamp_us, Values(kSamples, 1)));
  }
  EXPECT_LE(total / (100 * kSamples), 2.70);
  EXPECT_LE(times / (100 * kSamples), 0.65);
  EXPECT_GE(times / (100 * kSamples), 0.619);
}

// Nothing is lost ---------------------------------------------------------------------------------

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
    round_trip({kChunkStart}, {one});
    round_trip(every(3, 300), Values(300, one));
    for (const double other : all) round_trip(every(7, 3), {one, other, one});
  }
  round_trip(every(1, std::size(all)), Values(std::begin(all), std::end(all)));
}

TEST(ChunkCodec, EveryExponentSurvives) {
  Values values;
  for (std::uint64_t exponent = 0; exponent < 2'048; ++exponent) {
    values.push_back(std::bit_cast<double>(exponent << 52 | 0x000F'0000'0000'0001));
    values.push_back(std::bit_cast<double>(std::uint64_t{1} << 63 | exponent << 52));
  }
  round_trip(every(1'000, values.size()), values);
}

TEST(ChunkCodec, EveryNumberOfDecimalsSurvives) {
  std::mt19937_64 random(4);
  for (int decimals = 0; decimals <= 17; ++decimals) {
    Values values;
    for (int i = 0; i < 600; ++i) {
      const auto n = static_cast<double>(static_cast<std::int64_t>(random() >> 14) - (1LL << 49));
      values.push_back(n / std::pow(10.0, decimals));
    }
    round_trip(every(1'000, values.size()), values);
  }
}

TEST(ChunkCodec, TheEndsOfTimeSurvive) {
  round_trip({kMin}, {1});
  round_trip({kMax}, {1});
  round_trip({kMin, kMax}, {1, 2});
  round_trip({kMin, -1, 0, kMax - 1, kMax}, {1, 2, 3, 4, 5});
}

TEST(ChunkCodec, RandomChunksOfEveryKindSurvive) {
  std::mt19937_64 random(printed_seed());
  ChunkEncoder encoder;  // one for all: nothing stays from the chunk before
  for_each_kind([&](TimeKind time, ValueKind value) {
    for (const std::size_t most : {3, 40, 300, 600, 1'100, 2'300, 5'000}) {
      const auto samples = make_samples(time, value, 1 + random() % most, random);
      const Bytes bytes = encoder.encode(samples.timestamp_us, samples.value);
      ASSERT_NO_FATAL_FAILURE(expect_decodes_to(bytes, samples));
    }
  });
}

TEST(ChunkCodec, SizesAroundTheBlockAndTheGreatestSurvive) {
  std::mt19937_64 random(5);
  for (const std::size_t count :
       {1,   2,   3,     7,     8,     9,     255,   256,   257,    511,
        512, 513, 1'024, 1'025, 2'047, 2'048, 2'049, 4'000, 65'535, 65'536}) {
    for (const auto kind : {ValueKind::kSmooth, ValueKind::kReal, ValueKind::kSwitch}) {
      const auto samples = make_samples(TimeKind::kJitter, kind, count, random);
      round_trip(samples.timestamp_us, samples.value);
    }
  }
}

TEST(ChunkCodec, TheSameSamplesGiveTheSameBytes) {
  std::mt19937_64 random(6);
  const auto samples = make_samples(TimeKind::kGaps, ValueKind::kMixed, 900, random);
  ChunkEncoder encoder;
  const Bytes first = encoder.encode(samples.timestamp_us, samples.value);
  encoder.encode(every(1, 5), Values(5, 0.1));
  EXPECT_EQ(encoder.encode(samples.timestamp_us, samples.value), first);
}

// Ranges ------------------------------------------------------------------------------------------

TEST(ChunkCodec, ARangeIsTheSliceOfTheWhole) {
  std::mt19937_64 random(printed_seed());
  for_each_kind([&](TimeKind time, ValueKind value) {
    const auto all = make_samples(time, value, 1 + random() % 3'000, random);
    const Bytes bytes = encoded(all.timestamp_us, all.value);
    const auto some = [&] {
      const std::int64_t at = all.timestamp_us[random() % all.size()];
      if (at == kMin || at == kMax) return at;
      return at + static_cast<std::int64_t>(random() % 3) - 1;
    };
    for (int round = 0; round < 12; ++round) {
      TimeRange range{some(), some()};
      if (round == 0) range = {kMin, kMax};
      if (round == 1) range.start_us = kMin;
      if (round == 2) range.end_us = kMax;
      const SampleColumns expected = cut(all, range);
      for (const auto* kernels : {&chunk::portable_kernels(), &chunk::fastest_kernels()}) {
        SampleColumns out;
        ASSERT_TRUE(chunk::decode_with(*kernels, bytes, &range, out));
        ASSERT_EQ(out.timestamp_us, expected.timestamp_us);
        ASSERT_TRUE(same_bits(out.value, expected.value));
      }
    }
  });
}

TEST(ChunkCodec, RangesBesideTheSamplesAreEmpty) {
  const Bytes bytes = encoded(every(1'000, 1'000), Values(1'000, 2));
  for (const TimeRange range :
       {TimeRange{kMin, kChunkStart}, TimeRange{kChunkStart + 999'001, kMax},
        TimeRange{kChunkStart + 1, kChunkStart + 1'000}, TimeRange{kChunkStart, kChunkStart},
        TimeRange{kChunkStart + 5'000, kChunkStart}}) {
    SampleColumns out{{1}, {1}};
    ASSERT_TRUE(decode_chunk(bytes, range, out));
    EXPECT_TRUE(out.timestamp_us.empty() && out.value.empty());
  }
}

// Damage ------------------------------------------------------------------------------------------

TEST(ChunkCodec, EveryFlippedBitAndEveryCutIsNoticed) {
  std::mt19937_64 random(7);
  const auto samples = make_samples(TimeKind::kGaps, ValueKind::kMixed, 120, random);
  const Bytes good = encoded(samples.timestamp_us, samples.value);
  SampleColumns out;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    for (const bool whole : {true, false}) {
      const auto decoded =
          whole ? decode_chunk(bad, out) : decode_chunk(bad, {kChunkStart, kChunkStart + 1}, out);
      ASSERT_FALSE(decoded) << "bit " << bit;
      ASSERT_EQ(decoded.error().code, ErrorCode::kDataLoss);
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(decode_chunk(std::span(good).first(size), out)) << size;
  }
}

TEST(ChunkCodec, AnUnknownVersionIsNamed) {
  Bytes bytes = encoded({kChunkStart}, {1});
  bytes[0] = 3;
  seal(bytes);
  SampleColumns out;
  const auto decoded = decode_chunk(bytes, out);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(decoded.error().message, "the chunk has format 3, which is not known");
}

}  // namespace
}  // namespace millwright
