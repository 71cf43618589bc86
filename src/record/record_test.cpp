#include "record/record.h"

#include <gtest/gtest.h>

#include <random>

#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::record {

namespace {

namespace wire = millwright::ingest::v1;

Record scalars(std::size_t count) {
  Scalars column;
  for (std::size_t i = 0; i < count; ++i) {
    column.timestamp_us.push_back(1'700'000'000'000'000 + static_cast<std::int64_t>(i * 1000));
    column.metric_reference.push_back(static_cast<std::uint32_t>(1 + i % 3));
    column.value.push_back(20.5 + static_cast<double>(i));
  }
  return Record{1'700'000'000'500'000, column};
}

std::string bytes_of(const wire::Record& record) {
  std::string bytes;
  EXPECT_TRUE(record.SerializeToString(&bytes));
  return bytes;
}

TEST(Record, ScalarsComeBackAsTheyWere) {
  const Record before = scalars(100);
  const auto after = decode(encode(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->created_us, before.created_us);
  const auto& a = std::get<Scalars>(before.payload);
  const auto& b = std::get<Scalars>(after->payload);
  EXPECT_EQ(a.timestamp_us, b.timestamp_us);
  EXPECT_EQ(a.metric_reference, b.metric_reference);
  EXPECT_EQ(a.value, b.value);
}

TEST(Record, TimesAtTheEndsOfTheRangeComeBackExactly) {
  Scalars column;
  column.timestamp_us = {INT64_MAX, INT64_MIN, 0, INT64_MAX, -1};
  column.metric_reference = {7};
  column.value = {1, 2, 3, 4, 5};
  const auto after = decode(encode(Record{0, column}));
  ASSERT_TRUE(after);
  EXPECT_EQ(std::get<Scalars>(after->payload).timestamp_us, column.timestamp_us);
  EXPECT_EQ(std::get<Scalars>(after->payload).reference_at(4), 7U);
}

TEST(Record, EveryKindComesBackAsItWas) {
  const DictionaryEntry entry{3, "000001", "conveyor.motor1", "temperature", "°C", "Motor", 1};
  const auto dictionary = decode(encode(Record{1, entry}));
  ASSERT_TRUE(dictionary);
  EXPECT_EQ(std::get<DictionaryEntry>(dictionary->payload).unit, "°C");
  EXPECT_EQ(std::get<DictionaryEntry>(dictionary->payload).path, "conveyor.motor1");

  WaveformRecord waveform;
  waveform.metric_reference = 9;
  waveform.block = Waveform{5, 25'600, {1.5F, -2.5F}};
  const auto burst = decode(encode(Record{1, waveform}));
  ASSERT_TRUE(burst);
  EXPECT_EQ(std::get<WaveformRecord>(burst->payload).block.value, waveform.block.value);
  EXPECT_EQ(std::get<WaveformRecord>(burst->payload).block.sample_rate_hz, 25'600);

  MovedRecord moved;
  moved.epoch.fill(0xAB);
  moved.seq = 17;
  moved.record = encode(scalars(1));
  const auto again = decode(encode(Record{1, moved}));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<MovedRecord>(again->payload).epoch, moved.epoch);
  EXPECT_EQ(std::get<MovedRecord>(again->payload).record, moved.record);
}

TEST(Record, KindsThatAreNotStoredYetAreNamed) {
  wire::Record text;
  text.mutable_text()->set_metric_reference(4);
  const auto read = decode(bytes_of(text));
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<UnsupportedValue>(read->payload).kind, "text");
  EXPECT_EQ(std::get<UnsupportedValue>(read->payload).metric_reference, 4U);
}

TEST(Record, LimitsHoldExactly) {
  EXPECT_TRUE(decode(encode(scalars(kMaxSamplesPerRecord))));
  EXPECT_FALSE(decode(encode(scalars(kMaxSamplesPerRecord + 1))));
  WaveformRecord waveform;
  waveform.block = Waveform{0, 5'000, std::vector<float>(kMaxWaveformLength, 1.F)};
  EXPECT_TRUE(decode(encode(Record{0, waveform})));
  waveform.block.value.push_back(1.F);
  EXPECT_FALSE(decode(encode(Record{0, waveform})));
}

TEST(Record, WhatIsNoRecordIsRefused) {
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode("\xFF\xFF\xFF"));
  EXPECT_FALSE(decode(std::string(kMaxMessageBytes + 1, '\0')));

  wire::Record unequal;
  unequal.mutable_scalars()->add_value(1);
  unequal.mutable_scalars()->add_metric_reference(1);
  EXPECT_FALSE(decode(bytes_of(unequal)));
  unequal.mutable_scalars()->add_timestamp_delta_us(1);
  EXPECT_TRUE(decode(bytes_of(unequal)));
  unequal.mutable_scalars()->clear_metric_reference();
  EXPECT_FALSE(decode(bytes_of(unequal)));

  for (const double rate : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::infinity()}) {
    wire::Record waveform;
    waveform.mutable_waveform()->add_value(1);
    waveform.mutable_waveform()->set_sample_rate_hz(rate);
    EXPECT_FALSE(decode(bytes_of(waveform))) << rate;
  }
  wire::Record moved;
  moved.mutable_moved()->set_epoch("short");
  moved.mutable_moved()->set_seq(1);
  moved.mutable_moved()->set_record("x");
  EXPECT_FALSE(decode(bytes_of(moved)));
}

TEST(Record, AMutatedRecordIsRefusedOrReadButNeverBreaksTheReader) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  MovedRecord moved;
  moved.seq = 1;
  moved.record = encode(scalars(3));
  const std::vector<std::string> originals = {
      encode(scalars(40)), encode(Record{1, DictionaryEntry{1, "000001", "a", "b", "", "", 1}}),
      encode(Record{1, moved})};
  int readable = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string bytes = originals[random() % originals.size()];
    for (std::uint32_t n = 1 + random() % 4; n > 0; --n) {
      switch (random() % 3) {
        case 0:
          bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
          break;
        case 1:
          bytes.resize(1 + random() % bytes.size());
          break;
        default:
          bytes.insert(random() % bytes.size(), 1, static_cast<char>(random()));
      }
    }
    const auto result = decode(bytes);
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
      continue;
    }
    ++readable;
    if (const auto* column = std::get_if<Scalars>(&result->payload)) {
      EXPECT_EQ(column->value.size(), column->timestamp_us.size());
      EXPECT_LE(column->value.size(), kMaxSamplesPerRecord);
    }
  }
  EXPECT_GT(readable, 0);
}

// Expected: hashlib.blake2b(previous.to_bytes(8, "little") + record, digest_size=8).
TEST(Chain, IsBlake2bWithEightBytesOverThePreviousHashAndTheRecord) {
  const std::uint64_t first = next_chain(0, "abc");
  EXPECT_EQ(first, 0x820bb164ad84e06fU);
  EXPECT_EQ(next_chain(first, ""), 0x9cb1da1a6be2aa53U);
}

}  // namespace
}  // namespace millwright::record
