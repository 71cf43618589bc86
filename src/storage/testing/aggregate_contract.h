#pragma once
/// Buckets of SampleStore against a plain map: on grids of hours, on others, with what comes late,
/// is corrected, removed or expires in between. Include in one test file of an adapter and
/// instantiate.

#include <map>

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class AggregateContract : public RandomStoreContract {
 protected:
  using Truth = std::map<std::int64_t, double>;
  static constexpr std::int64_t kMinute = 60'000'000;
  static constexpr std::int64_t kHour = 60 * kMinute;
  static constexpr std::int64_t kStart = 472'222 * kHour;  // November 2023

  /// Stores `count` samples about `step_us` apart. Values are whole, so that sums are exact.
  void put_run(SeriesId series, std::int64_t from_us, int count, std::int64_t step_us) {
    SampleColumns columns;
    for (int i = 0; i < count; ++i) {
      const auto value = static_cast<double>(below(2'000) - 1'000);
      columns.append(from_us + i * step_us + below(step_us), value);
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      truth_[series][columns.timestamp_us[i]] = columns.value[i];
    }
    put(series, columns.timestamp_us, columns.value);
  }

  static std::vector<std::int64_t> grid(std::int64_t from_us, std::int64_t step_us, int count) {
    std::vector<std::int64_t> out;
    for (int i = 0; i <= count; ++i) out.push_back(from_us + i * step_us);
    return out;
  }
  void expect_buckets(const std::vector<std::int64_t>& boundaries) {
    const std::vector<SeriesId> asked{kOther, kSeries, kOther};
    const auto found = samples().aggregate(asked, boundaries);
    ASSERT_TRUE(found) << found.error().message << found.error().detail;
    ASSERT_EQ(found->size(), asked.size() * (boundaries.size() - 1));
    std::size_t i = 0;
    for (const SeriesId series : asked) {
      for (std::size_t b = 0; b + 1 < boundaries.size(); ++b, ++i) {
        SCOPED_TRACE("bucket of " + std::to_string(boundaries[b]));
        expect_bucket((*found)[i], truth_[series], {boundaries[b], boundaries[b + 1]});
        if (HasFatalFailure()) return;
      }
    }
  }
  static void expect_bucket(const Bucket& found, const Truth& truth, TimeRange range) {
    Bucket expected;
    for (auto it = truth.lower_bound(range.start_us); it != truth.end(); ++it) {
      if (it->first >= range.end_us) break;
      expected.add(it->second);
    }
    ASSERT_EQ(found.count, expected.count);
    if (expected.count == 0) return;
    ASSERT_EQ(found.min, expected.min);
    ASSERT_EQ(found.max, expected.max);
    ASSERT_EQ(found.sum, expected.sum);
    ASSERT_EQ(found.first, expected.first);
    ASSERT_EQ(found.last, expected.last);
  }
  void expect_all_grids(std::int64_t from_us, int hours) {
    expect_buckets(grid(from_us, kHour, hours));                              // hours
    expect_buckets(grid(from_us - 24 * kHour, 24 * kHour, hours / 24 + 2));   // days
    expect_buckets(grid(from_us + 30 * kMinute, kHour, hours));               // half an hour beside
    expect_buckets(grid(from_us + 17, 7 * kHour + 13 * kMinute, hours / 7));  // cut anywhere
    expect_buckets(grid(from_us, 10 * kMinute, 6 * hours));                   // shorter than hours
    expect_buckets({kEver.start_us, from_us + 5 * kHour + 1, kEver.end_us});
    std::vector<std::int64_t> mixed{from_us - 1};
    while (mixed.back() < from_us + hours * kHour) {
      mixed.push_back(mixed.back() + 1 + below(below(2) == 0 ? kHour : 9 * kHour));
    }
    expect_buckets(mixed);
  }

  std::map<SeriesId, Truth> truth_;
};

TEST_P(AggregateContract, HoursAndDaysAreWhatTheSamplesSayWhateverComesLate) {
  constexpr int kHours = 60;
  for (int round = 0; round < 6; ++round) {
    put_run(kSeries, kStart + below(kHours) * kHour, 400, kMinute);
    put_run(kOther, kStart + below(kHours * kHour), 30, 20 * kMinute);
    for (int i = 0; i < 5; ++i) put_run(kSeries, kStart + below(kHours * kHour), 1, 1);
    if (round % 2 == 0) maintain_fully();
    if (round == 3) reopen();
    // Nothing, or little, was rolled up since the last one came.
    put_run(kSeries, kStart + below(kHours * kHour), 3, kMinute);
    expect_all_grids(kStart, kHours);
    if (HasFatalFailure()) return;
  }
}

TEST_P(AggregateContract, ACorrectedSampleCountsOnce) {
  put(kSeries, {kStart + 1, kStart + 2, kStart + kHour}, {1, 5, 3});
  maintain_fully();
  put(kSeries, {kStart + 2}, {2});
  for (int pass = 0; pass < 2; ++pass) {
    const auto buckets = *samples().aggregate(kSeries, grid(kStart, kHour, 2));
    EXPECT_EQ(buckets[0].count, 2u);
    EXPECT_EQ(buckets[0].max, 2);
    EXPECT_EQ(buckets[0].sum, 3);
    EXPECT_EQ(buckets[0].last, 2);
    EXPECT_EQ(buckets[1].sum, 3);
    maintain_fully();
  }
}

TEST_P(AggregateContract, WhatHasGoneIsNotCounted) {
  put_run(kSeries, kStart, 3'000, kMinute);
  put_run(kOther, kStart, 3'000, kMinute);
  maintain_fully();
  const std::vector<Expiry> expiries{{kSeries, kStart + 30 * kHour + 7 * kMinute}};
  while (*samples().expire(expiries)) {
  }
  const SampleColumns left = all(kSeries);
  truth_[kSeries].erase(truth_[kSeries].begin(),
                        truth_[kSeries].lower_bound(left.timestamp_us.front()));
  expect_all_grids(kStart, 51);
  maintain_fully();
  expect_all_grids(kStart, 51);
  ASSERT_TRUE(samples().remove_series(std::vector{kSeries}));
  truth_[kSeries].clear();
  expect_all_grids(kStart, 51);
  put_run(kSeries, kStart, 100, kMinute);  // it is a series like any other
  maintain_fully();
  expect_all_grids(kStart, 51);
}

TEST_P(AggregateContract, WholeDaysThatExpiredAreNotCounted) {
  put_run(kSeries, kStart, 5 * 1'440, kMinute);
  put_run(kOther, kStart - 40 * 24 * kHour, 100, kHour);
  maintain_fully();
  const std::int64_t before = kStart + 3 * 24 * kHour;
  const std::vector<Expiry> expiries{{kSeries, before}, {kOther, before}};
  while (*samples().expire(expiries)) {
  }
  truth_[kOther].clear();
  const SampleColumns left = all(kSeries);
  truth_[kSeries].erase(truth_[kSeries].begin(),
                        truth_[kSeries].lower_bound(left.timestamp_us.front()));
  expect_all_grids(kStart - 24 * kHour, 6 * 24);
}

TEST_P(AggregateContract, BeforeThe1970sAndAtTheEndsOfTime) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  put_run(kSeries, -100 * kHour, 200 * 6, 10 * kMinute);
  put(kSeries, {kFirst, kFirst + 1, kLast - 1}, {4, 5, 6});
  for (const auto& [at, value] : Truth{{kFirst, 4}, {kFirst + 1, 5}, {kLast - 1, 6}}) {
    truth_[kSeries][at] = value;
  }
  maintain_fully();
  expect_all_grids(-50 * kHour, 100);
  expect_buckets({kFirst, kFirst + 1, -99 * kHour, kLast - 1, kLast});
}

TEST_P(AggregateContract, ValuesNearTheEndOfTheRangeDoNotStopTheHousekeeping) {
  put(kSeries, {kStart, kStart + 1, kStart + kHour}, {1.5e308, -1.5e308, 7});
  maintain_fully();
  const auto buckets = *samples().aggregate(kSeries, grid(kStart, kHour, 2));
  EXPECT_EQ(buckets[0].count, 2u);
  EXPECT_EQ(buckets[0].max, 1.5e308);
  EXPECT_EQ(buckets[0].min, -1.5e308);
  EXPECT_EQ(buckets[0].sum, 0);
  EXPECT_EQ(buckets[1].sum, 7);
  put(kSeries, {kStart}, {-1.5e308});  // now it is too large
  EXPECT_EQ(samples().aggregate(kSeries, grid(kStart, kHour, 2))->at(0).sum,
            -std::numeric_limits<double>::infinity());
}

}  // namespace millwright::testing
