#pragma once
/// Retention of SampleStore: what may go, what must stay. Include in one test file of an adapter
/// and instantiate.

#include <map>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class ExpiryContract : public RandomStoreContract {
 protected:
  using Values = std::vector<double>;
  static constexpr std::int64_t kHour = 3'600'000'000;
  /// Where a series begins: far from the epoch, on the hour.
  static constexpr std::int64_t kStart = 1'700'000'400'000'000;

  void expire_fully(const std::vector<Expiry>& expiries) {
    for (int i = 0; i < 10'000; ++i) {
      const auto more = samples().expire(expiries);
      ASSERT_TRUE(more) << more.error().message << more.error().detail;
      if (!*more) return;
    }
    FAIL() << "there is always more to remove";
  }
  Expirable preview(const std::vector<Expiry>& expiries) {
    const auto found = samples().expirable(expiries);
    EXPECT_TRUE(found) << found.error().message << found.error().detail;
    return found.value_or({});
  }
  std::optional<SampleStore::Latest> latest(SeriesId series) {
    return samples().latest(std::vector{series})->at(0);
  }
  /// `count` samples, one a minute.
  void put_minutes(SeriesId series, std::int64_t from_us, int count) {
    SampleColumns columns;
    for (int i = 0; i < count; ++i) columns.append(from_us + i * (kHour / 60), i);
    put(series, columns.timestamp_us, columns.value);
  }
};

TEST_P(ExpiryContract, ASeriesOfWhichEverythingIsOldEndsEmpty) {
  put_minutes(kSeries, kStart, 3'000);
  put_minutes(kOther, kStart, 100);
  const std::int64_t last = kStart + 2'999 * (kHour / 60);
  expire_fully({{kSeries, last + 1}});
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_FALSE(latest(kSeries));
  EXPECT_EQ(*samples().count(kSeries, kEver), 0u);
  EXPECT_EQ(all(kOther).size(), 100u);
  reopen();
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_FALSE(latest(kSeries));
  put(kSeries, {kStart}, {7});  // it is a series like any other
  EXPECT_EQ(all(kSeries).value, Values{7});
  EXPECT_EQ(latest(kSeries)->value, 7);
}

TEST_P(ExpiryContract, NothingAtOrAfterTheInstantGoes) {
  for (int day = 0; day < 10; ++day) put_minutes(kSeries, kStart + day * 24 * kHour, 1'440);
  maintain_fully();
  const std::int64_t before = kStart + 5 * 24 * kHour + 7 * kHour;
  const SampleColumns young = *samples().read(kSeries, {before, kEver.end_us}, kNoLimit);
  expire_fully({{kSeries, before}});
  const SampleColumns left = *samples().read(kSeries, {before, kEver.end_us}, kNoLimit);
  EXPECT_EQ(left.timestamp_us, young.timestamp_us);
  EXPECT_EQ(left.value, young.value);
  EXPECT_LT(all(kSeries).size(), 10u * 1'440);  // whole days have gone
  EXPECT_EQ(latest(kSeries)->timestamp_us, kStart + 9 * 24 * kHour + 1'439 * (kHour / 60));
}

// However few samples there are: none stays more than a week too long.
TEST_P(ExpiryContract, OfASlowSeriesNothingStaysMuchLongerThanItShould) {
  constexpr int kDays = 400;
  for (int day = 0; day < kDays; ++day) put(kSeries, {kStart + day * 24 * kHour}, {1.0 * day});
  for (const int before : {50, 200, 390}) {
    const Expiry expiry{kSeries, kStart + before * 24 * kHour + 1};
    for (int step = 0; *samples().expire({&expiry, 1}); ++step) ASSERT_LT(step, 1'000);
    const SampleColumns left = all(kSeries);
    ASSERT_FALSE(left.empty());
    EXPECT_GE(left.value.front(), before - 7);
    EXPECT_LE(left.value.front(), before + 1);
    EXPECT_EQ(left.value.back(), kDays - 1);
    EXPECT_EQ(left.size(), static_cast<std::size_t>(kDays - left.value.front()));
    if (before == 50) {
      ASSERT_TRUE(samples().settle());
    }
    if (before == 200) reopen();
  }
}

TEST_P(ExpiryContract, NothingGoesBeforeItsTimeOrOfAnUnknownSeries) {
  put_minutes(kSeries, kStart, 100);
  expire_fully({{kSeries, kStart}, {kOther, kEver.end_us}, {SeriesId{99}, kEver.end_us}});
  expire_fully({{kSeries, kEver.start_us}});
  EXPECT_EQ(all(kSeries).size(), 100u);
  EXPECT_FALSE(*samples().expire({}));
}

TEST_P(ExpiryContract, OldBlocksGoWhole) {
  put(kSeries, Waveform{0, 1'000, {1, 2}});      // its last sample is at 1,000 us
  put(kSeries, Waveform{5'000, 1'000, {3, 4}});  // at 6,000 us
  put(kOther, Waveform{0, 1'000, {5}});          // the only one of its series
  put(SeriesId{3}, {0}, {6});                    // not named
  expire_fully({{kSeries, 6'000}, {kOther, 6'000}});
  reopen();
  EXPECT_EQ(all(kSeries).value, (Values{3, 4}));
  EXPECT_EQ(samples().waveforms(kSeries, kEver, 10)->size(), 1u);
  EXPECT_EQ(latest(kSeries)->value, 4);
  EXPECT_TRUE(all(kOther).empty());
  EXPECT_FALSE(latest(kOther));
  EXPECT_EQ(all(SeriesId{3}).value, Values{6});
  expire_fully({{kSeries, 6'001}});
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_FALSE(latest(kSeries));
}

TEST_P(ExpiryContract, ACorrectionNeverUncoversWhatItReplaced) {
  put_minutes(kSeries, kStart, 600);
  const std::int64_t corrected = kStart + 60 * (kHour / 60);
  put(kSeries, {corrected}, {-1});
  // The correction lies before the instant; what it corrects may be part of a piece that stays.
  expire_fully({{kSeries, kStart + 300 * (kHour / 60)}});
  const SampleColumns left = *samples().read(kSeries, {corrected, corrected + 1}, kNoLimit);
  EXPECT_TRUE(left.empty() || left.value == Values{-1});
}

TEST_P(ExpiryContract, ThePreviewIsWhatGoes) {
  for (int day = 0; day < 6; ++day) put_minutes(kSeries, kStart + day * 24 * kHour, 1'440);
  put(kOther, Waveform{kStart - kHour, 1'000, {1, 2, 3}});
  maintain_fully();
  const std::vector<Expiry> expiries{{kSeries, kStart + 3 * 24 * kHour}, {kOther, kStart}};
  const Expirable told = preview(expiries);
  const std::size_t had = all(kSeries).size() + all(kOther).size();
  expire_fully(expiries);
  const SampleColumns left = all(kSeries);
  EXPECT_TRUE(all(kOther).empty());
  EXPECT_EQ(told.samples, had - left.size());
  EXPECT_GT(told.bytes, 0u);
  EXPECT_EQ(told.first_us, kStart - kHour);
  EXPECT_LT(told.last_us, kStart + 3 * 24 * kHour);
  const Expirable now = preview(expiries);
  EXPECT_EQ(now.samples, 0u);
  EXPECT_EQ(now.bytes, 0u);
  EXPECT_EQ(preview({}).samples, 0u);
}

TEST_P(ExpiryContract, ProducersAreNotTouched) {
  const StreamKey stream{device_id("000001"), StreamClass::kTelemetry};
  ASSERT_TRUE(samples().open_session(stream, 1));
  Append append;
  append.samples.append(kSeries, kStart, 1);
  append.advance = EpochAdvance{stream, EpochId{1}, 1, 1, 5, 42, 1, from_us(kStart), ""};
  append.dictionary = {{1, kSeries}};
  put(std::move(append));
  expire_fully({{kSeries, kStart + 1}});
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_EQ((*samples().epoch(EpochId{1}))->watermark, 5u);
  EXPECT_EQ(samples().dictionary(EpochId{1})->size(), 1u);
}

TEST_P(ExpiryContract, WhateverCameWhateverTheOrderOnlyABeginningGoes) {
  std::map<std::int64_t, double> truth;
  std::int64_t now = kStart;
  std::int64_t instant = kEver.start_us;
  for (int round = 0; round < 15; ++round) {
    for (int batch = 0; batch < 20; ++batch) {
      SampleColumns columns;
      const std::int64_t back = below(4) == 0 ? below(20 * kHour) : 0;
      for (std::int64_t i = 0, size = 1 + below(80); i < size; ++i) {
        if (back == 0) now += kHour / 60 + below(kHour / 600);
        const std::int64_t at = back == 0 ? now : now - back + i * (kHour / 60);
        const auto value = static_cast<double>(below(1'000));
        columns.append(at, value);
        truth[at] = value;
      }
      put(kSeries, columns.timestamp_us, columns.value);
    }
    if (round % 3 == 1) maintain_fully();
    if (round % 5 == 4) reopen();
    instant = now - below(30 * kHour);
    const int steps = static_cast<int>(below(4));
    for (int step = 0; step < steps; ++step) {
      ASSERT_TRUE(samples().expire(std::vector{Expiry{kSeries, instant}}));
    }
    if (steps == 0) expire_fully({{kSeries, instant}});
    const SampleColumns left = all(kSeries);
    ASSERT_FALSE(left.empty());
    truth.erase(truth.begin(), truth.lower_bound(std::min(left.timestamp_us.front(), instant)));
    ASSERT_EQ(left.size(), truth.size()) << "round " << round;
    std::size_t i = 0;
    for (const auto& [at, value] : truth) {
      ASSERT_EQ(left.timestamp_us[i], at);
      ASSERT_EQ(left.value[i], value) << "at " << at;
      ++i;
    }
  }
  expire_fully({{kSeries, now + 1}});
  EXPECT_TRUE(all(kSeries).empty());
}

}  // namespace millwright::testing
