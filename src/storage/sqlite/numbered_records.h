#pragma once
/// A producer whose stored content follows from its watermark alone: the truth of tests that end a
/// store at any instant.

#include "storage/sqlite/store_files.h"

namespace millwright::testing {

/// Record n writes to series n % 3 + 1: a sample of its own, and a correction of the record three
/// before. Each tenth brings a waveform, each seventh a late sample of a series of its own.
class NumberedRecords {
 public:
  static constexpr EpochId kEpoch{7};
  static constexpr SeriesId kWaves{8};
  static constexpr SeriesId kLate{9};

  explicit NumberedRecords(std::uint64_t session) : session_(session) {}

  static StreamKey stream() { return {device_id("000001"), StreamClass::kTelemetry}; }

  Append append(std::uint64_t base, std::uint64_t end) const {
    Append out;
    for (std::uint64_t n = base; n <= end; ++n) {
      const auto at = static_cast<std::int64_t>(n);
      const SeriesId series{at % 3 + 1};
      out.samples.append(series, at * 1'000, static_cast<double>(n));
      if (n > 3) out.samples.append(series, (at - 3) * 1'000, -1);
      if (n % 7 == 0) out.samples.append(kLate, -at * 1'000, static_cast<double>(n));
      if (n % 10 == 0) out.waveforms.push_back({kWaves, {at * 1'000, 1'000, {1, 2, 3}}});
    }
    out.advance = EpochAdvance{stream(), kEpoch,         session_,   base, end,
                               end * 3,  end - base + 1, from_us(0), {}};
    return out;
  }

  static std::uint64_t watermark(SampleStore& samples) {
    const auto epoch = samples.epoch(kEpoch);
    MW_CHECK(epoch.has_value());
    return *epoch ? (*epoch)->watermark : 0;
  }

  /// Exactly the records up to the watermark are there.
  static void expect_exactly(SampleStore& samples, std::uint64_t watermark) {
    for (std::int64_t series = 1; series <= 3; ++series) {
      SampleColumns expected;
      for (std::uint64_t n = 1; n <= watermark; ++n) {
        if (static_cast<std::int64_t>(n % 3 + 1) != series) continue;
        expected.append(static_cast<std::int64_t>(n) * 1'000,
                        n + 3 <= watermark ? -1 : static_cast<double>(n));
      }
      expect_same(samples, SeriesId{series}, expected);
    }
    SampleColumns late;
    for (std::uint64_t n = watermark / 7 * 7; n > 0; n -= 7) {
      late.append(-static_cast<std::int64_t>(n) * 1'000, static_cast<double>(n));
    }
    expect_same(samples, kLate, late);
    const auto blocks = samples.waveforms(kWaves, kEver, kNoLimit);
    ASSERT_TRUE(blocks) << blocks.error().message;
    EXPECT_EQ(blocks->size(), watermark / 10);
  }

 private:
  static void expect_same(SampleStore& samples, SeriesId series, const SampleColumns& expected) {
    const auto read = samples.read(series, kEver, kNoLimit);
    ASSERT_TRUE(read) << read.error().message << read.error().detail;
    ASSERT_EQ(read->timestamp_us, expected.timestamp_us);
    ASSERT_EQ(read->value, expected.value);
  }

  const std::uint64_t session_;
};

}  // namespace millwright::testing
