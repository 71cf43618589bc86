#pragma once
/// SampleStore against a plain map, through random histories with housekeeping and reopening in
/// between. Include in one test file of an adapter and instantiate.

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class SampleHistoryContract : public RandomStoreContract {
 protected:
  using Truth = std::map<std::int64_t, double>;

  void expect_same(SeriesId series, const Truth& truth) {
    const SampleColumns stored = all(series);
    ASSERT_EQ(stored.size(), truth.size());
    std::size_t i = 0;
    for (const auto& [at, value] : truth) {
      ASSERT_EQ(stored.timestamp_us[i], at);
      ASSERT_EQ(stored.value[i], value) << "at " << at;
      ++i;
    }
    if (truth.empty()) return;
    const auto latest = *samples().latest(std::vector{series});
    EXPECT_EQ(latest[0]->timestamp_us, truth.rbegin()->first);
    EXPECT_EQ(latest[0]->value, truth.rbegin()->second);
    for (int i_query = 0; i_query < 5; ++i_query) expect_same_part(series, truth);
  }

  /// A random part, cut by random boundaries. Values are whole, so that sums are exact.
  void expect_same_part(SeriesId series, const Truth& truth) {
    const std::int64_t length = truth.rbegin()->first + 2 - truth.begin()->first;
    std::set<std::int64_t> cuts;
    while (cuts.size() < 2) cuts.insert(truth.begin()->first + below(length));
    for (int i = 0; i < 20; ++i) cuts.insert(truth.begin()->first + below(length));
    const std::vector<std::int64_t> boundaries(cuts.begin(), cuts.end());
    const TimeRange range{boundaries.front(), boundaries.back()};
    std::vector<Bucket> expected(boundaries.size() - 1);
    std::uint64_t total = 0;
    std::size_t bucket = 0;
    for (auto it = truth.lower_bound(range.start_us); it != truth.end() && it->first < range.end_us;
         ++it, ++total) {
      while (it->first >= boundaries[bucket + 1]) ++bucket;
      expected[bucket].add(it->second);
    }
    EXPECT_EQ(*samples().count(series, range), total);
    EXPECT_EQ(samples().read(series, range, total)->size(), total);
    const auto buckets = *samples().aggregate(series, boundaries);
    ASSERT_EQ(buckets.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(buckets[i].count, expected[i].count);
      if (expected[i].count == 0) continue;
      EXPECT_EQ(buckets[i].min, expected[i].min);
      EXPECT_EQ(buckets[i].max, expected[i].max);
      EXPECT_EQ(buckets[i].sum, expected[i].sum);
      EXPECT_EQ(buckets[i].first, expected[i].first);
      EXPECT_EQ(buckets[i].last, expected[i].last);
    }
  }
};

TEST_P(SampleHistoryContract, SmallLateAndReplacedBatchesReadAsOneHistory) {
  Truth truth;
  std::int64_t now = 1'700'000'000'000'000;
  for (int round = 0; round < 12; ++round) {
    for (int batch = 0; batch < 40; ++batch) {
      SampleColumns columns;
      const bool late = below(5) == 0;
      const std::int64_t size = 1 + below(below(8) == 0 ? 700 : 12);
      for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t back = late ? below(4'000'000) : 0;
        if (!late) now += 1'000 * (1 + below(3));
        const auto value = static_cast<double>(below(1'000) - 500);
        columns.append(now - back, value);
        truth[now - back] = value;
      }
      put(kSeries, columns.timestamp_us, columns.value);
    }
    ASSERT_TRUE(samples().maintain());
    if (round % 4 == 3) maintain_fully();
    if (round % 4 == 1) reopen();
    expect_same(kSeries, truth);
    if (HasFatalFailure()) return;
  }
}

TEST_P(SampleHistoryContract, LongSilencesAndLongBatches) {
  Truth truth;
  std::int64_t now = 0;
  for (int round = 0; round < 6; ++round) {
    SampleColumns columns;
    for (int i = 0; i < 5'000; ++i) {
      now += below(1'000) == 0 ? 30LL * 86'400 * 1'000'000 : 1 + below(2'000'000);
      const auto value = static_cast<double>(below(1'000));
      columns.append(now, value);
      truth[now] = value;
    }
    put(kSeries, columns.timestamp_us, columns.value);
    // The same again, corrected: a long batch that lies wholly over another.
    for (double& value : columns.value) value += 1;
    for (const std::int64_t at : columns.timestamp_us) truth[at] += 1;
    put(kSeries, columns.timestamp_us, columns.value);
    for (int lone = 0; lone < 40; ++lone) {  // samples that no other is near
      const std::int64_t at = -(1 + below(1'000)) * 10LL * 86'400 * 1'000'000;
      put(kSeries, {at}, {1});
      truth[at] = 1;
    }
    expect_same(kSeries, truth);
    maintain_fully();
    expect_same(kSeries, truth);
    if (HasFatalFailure()) return;
  }
}

TEST_P(SampleHistoryContract, ManySeriesDoNotMix) {
  std::map<SeriesId, Truth> truths;
  std::int64_t now = 0;
  for (int commit = 0; commit < 60; ++commit) {
    std::vector<Append> appends(3);
    for (Append& append : appends) {
      for (int k = 0; k < 10; ++k) {
        const SeriesId series{1 + below(20)};
        const auto value = static_cast<double>(below(100));
        append.samples.append(series, ++now, value);
        truths[series][now] = value;
      }
    }
    for (const auto& result : samples().append(appends)) ASSERT_TRUE(result);
    ASSERT_TRUE(samples().maintain());
  }
  maintain_fully();
  for (const auto& [series, truth] : truths) expect_same(series, truth);
}

}  // namespace millwright::testing
