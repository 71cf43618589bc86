#include "storage/sqlite/log_record.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

namespace millwright {
namespace {

std::vector<std::uint64_t> bits_of(const std::vector<double>& value) {
  std::vector<std::uint64_t> out;
  for (const double v : value) out.push_back(std::bit_cast<std::uint64_t>(v));
  return out;
}

void expect_back(const SampleBatch& batch) {
  Bytes bytes;
  encode_log_record(batch, bytes);
  SampleBatch back;
  const auto decoded = decode_log_record(bytes, back);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(back.columns.timestamp_us, batch.columns.timestamp_us);
  EXPECT_EQ(bits_of(back.columns.value), bits_of(batch.columns.value));
  ASSERT_EQ(back.runs.size(), batch.runs.size());
  for (std::size_t i = 0; i < back.runs.size(); ++i) {
    EXPECT_EQ(back.runs[i].series, batch.runs[i].series);
    EXPECT_EQ(back.runs[i].count, batch.runs[i].count);
  }
}

TEST(LogRecord, ExtremesComeBack) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  SampleBatch batch;
  expect_back(batch);
  batch.append(SeriesId{kMax}, kMin, -0.0);
  batch.append(SeriesId{kMin}, kMax, 5e-324);
  batch.append(SeriesId{-1}, 0, 1.7e308);
  batch.append(SeriesId{-1}, -1, -1.0 / 3);
  batch.append(SeriesId{7}, 5, 9.1e15);
  batch.append(SeriesId{7}, 6, -12.25);
  expect_back(batch);
}

TEST(LogRecord, RandomBatchesComeBack) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    SampleBatch batch;
    const auto samples = random() % 500;
    const bool milliseconds = random() % 2 == 0;
    const double power = std::pow(10, static_cast<double>(random() % 8));
    for (std::uint64_t i = 0; i < samples; ++i) {
      const SeriesId series{static_cast<std::int64_t>(random() % 3 == 0 ? random() : i)};
      const auto at = static_cast<std::int64_t>(random() % 1'000'000'000);
      const double value = random() % 4 == 0
                               ? std::bit_cast<double>(random())
                               : std::round(static_cast<double>(random() % 100'000)) / power;
      batch.append(series, milliseconds ? at * 1'000 : at, std::isnan(value) ? 0 : value);
    }
    expect_back(batch);
  }
}

TEST(LogRecord, ATickOfManySeriesIsSmall) {
  std::mt19937_64 random(1);
  SampleBatch batch;
  for (int i = 1; i <= 10'000; ++i) {
    batch.append(SeriesId{i},
                 1'764'000'000'000'000 + static_cast<std::int64_t>(random() % 31) * 1'000,
                 static_cast<double>(random() % 7'000) / 100);
  }
  Bytes bytes;
  encode_log_record(batch, bytes);
  EXPECT_LT(bytes.size(), 31'000u);
}

TEST(LogRecord, DamageIsRefused) {
  SampleBatch batch;
  for (int i = 0; i < 40; ++i)
    batch.append(SeriesId{i / 3}, i * 977, i % 5 == 0 ? 1.0 / 7 : i / 4.0);
  Bytes bytes;
  encode_log_record(batch, bytes);
  SampleBatch back;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_log_record(std::span(bytes).first(size), back)) << size;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(decode_log_record(flipped, back)) << bit;
  }
}

}  // namespace
}  // namespace millwright
