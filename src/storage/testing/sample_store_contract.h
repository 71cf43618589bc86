#pragma once
/// The contract of SampleStore's samples: writing, reading, aggregating. Include in one test file
/// of an adapter and instantiate.

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class SampleStoreContract : public StoreContract {
 protected:
  using Times = std::vector<std::int64_t>;
  using Values = std::vector<double>;

  std::optional<SampleStore::Latest> latest(SeriesId series) {
    return samples().latest(std::vector{series})->at(0);
  }
  ErrorCode code_of_append(Append append) { return code_of(samples().append({&append, 1})[0]); }
  ErrorCode code_of_block(Waveform block) {
    Append append;
    append.samples = batch_of({{kSeries, {{1}, {1}}}});
    append.waveforms.push_back({kOther, std::move(block)});
    return code_of_append(std::move(append));
  }
};

// Samples -----------------------------------------------------------------------------------------

TEST_P(SampleStoreContract, AnUnknownSeriesIsEmpty) {
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_EQ(*samples().count(kSeries, kEver), 0u);
  EXPECT_FALSE(latest(kSeries));
  EXPECT_TRUE(samples().waveforms(kSeries, kEver, 10)->empty());
  const Times boundaries{0, 10, 20};
  const auto buckets = *samples().aggregate(kSeries, boundaries);
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets[0].count + buckets[1].count, 0u);
}

TEST_P(SampleStoreContract, SamplesComeBackExactlyAndAscending) {
  const Times times{std::numeric_limits<std::int64_t>::min(),    -5, 0, 1, 1'700'000'000'123'456,
                    std::numeric_limits<std::int64_t>::max() - 1};
  const Values values{-0.0, 5e-324, 0.1, 1e308, -1.0 / 3, 12.25};
  put(kSeries, {times[4], times[0], times[2], times[1], times[5], times[3]},
      {values[4], values[0], values[2], values[1], values[5], values[3]});
  reopen();
  EXPECT_EQ(all(kSeries).timestamp_us, times);
  EXPECT_EQ(all(kSeries).value, values);
  EXPECT_TRUE(std::signbit(all(kSeries).value[0]));
}

TEST_P(SampleStoreContract, ARangeIsHalfOpen) {
  put(kSeries, {10, 20, 30}, {1, 2, 3});
  EXPECT_EQ(samples().read(kSeries, {10, 30}, 10)->value, (Values{1, 2}));
  EXPECT_EQ(samples().read(kSeries, {11, 31}, 10)->value, (Values{2, 3}));
  EXPECT_EQ(*samples().count(kSeries, {10, 30}), 2u);
  EXPECT_TRUE(samples().read(kSeries, {20, 20}, 10)->empty());
  EXPECT_TRUE(samples().read(kSeries, {30, 10}, 10)->empty());
  EXPECT_EQ(*samples().count(kSeries, {30, 10}), 0u);
}

TEST_P(SampleStoreContract, MoreThanTheLimitIsRefused) {
  put(kSeries, {10, 20, 30}, {1, 2, 3});
  put(kSeries, {20}, {5});  // still three
  EXPECT_EQ(samples().read(kSeries, kEver, 3)->size(), 3u);
  const auto refused = samples().read(kSeries, kEver, 2);
  ASSERT_EQ(code_of(refused), ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message.find("2 samples"), std::string::npos);
  EXPECT_EQ(samples().read(kSeries, {10, 30}, 2)->size(), 2u);
}

TEST_P(SampleStoreContract, OnOneTimestampTheLastCommitWins) {
  put(kSeries, {10, 20, 30}, {1, 2, 3});
  put(kSeries, {20, 25}, {22, 2.5});
  put(kSeries, {30}, {33});
  put(kSeries, {10, 10}, {7, 11});  // inside one batch the later one
  EXPECT_EQ(all(kSeries).timestamp_us, (Times{10, 20, 25, 30}));
  EXPECT_EQ(all(kSeries).value, (Values{11, 22, 2.5, 33}));
  EXPECT_EQ(*samples().count(kSeries, kEver), 4u);
  EXPECT_EQ(latest(kSeries)->value, 33);
}

TEST_P(SampleStoreContract, OfOneCommitTheLaterAppendWins) {
  std::vector<Append> appends(2);
  appends[0].samples = batch_of({{kSeries, {{10, 20}, {1, 2}}}, {kSeries, {{20}, {3}}}});
  appends[1].samples = batch_of({{kSeries, {{10}, {9}}}});
  for (const auto& result : samples().append(appends)) ASSERT_TRUE(result);
  EXPECT_EQ(all(kSeries).value, (Values{9, 3}));
}

TEST_P(SampleStoreContract, LateSamplesTakeTheirPlace) {
  put(kSeries, {1'000, 2'000}, {1, 2});
  put(kSeries, {1'500, 500}, {1.5, 0.5});
  EXPECT_EQ(all(kSeries).value, (Values{0.5, 1, 1.5, 2}));
  EXPECT_EQ(latest(kSeries)->timestamp_us, 2'000);
}

TEST_P(SampleStoreContract, LatestAnswersInTheOrderAskedAlsoAfterReopening) {
  put(kSeries, {10, 30, 20}, {1, 3, 2});
  put(kOther, {5}, {-0.5});
  reopen();
  const auto both = *samples().latest(std::vector{kOther, SeriesId{99}, kSeries});
  ASSERT_EQ(both.size(), 3u);
  EXPECT_EQ(both[0]->value, -0.5);
  EXPECT_EQ(both[0]->sample_rate_hz, 0);
  EXPECT_FALSE(both[1]);
  EXPECT_EQ(both[2]->timestamp_us, 30);
  EXPECT_EQ(both[2]->value, 3);
}

TEST_P(SampleStoreContract, BucketsHoldWhatLiesBetweenTheirBoundaries) {
  put(kSeries, {10, 19, 20, 21, 40}, {4, 1, 8, 2, 5});
  put(kSeries, {21}, {3});
  const Times boundaries{10, 20, 30, 40};
  const auto buckets = *samples().aggregate(kSeries, boundaries);
  ASSERT_EQ(buckets.size(), 3u);
  EXPECT_EQ(buckets[0].count, 2u);
  EXPECT_EQ(buckets[0].min, 1);
  EXPECT_EQ(buckets[0].max, 4);
  EXPECT_EQ(buckets[0].sum, 5);
  EXPECT_EQ(buckets[0].first, 4);
  EXPECT_EQ(buckets[0].last, 1);
  EXPECT_EQ(buckets[1].count, 2u);
  EXPECT_EQ(buckets[1].sum, 11);
  EXPECT_EQ(buckets[1].last, 3);
  EXPECT_EQ(buckets[2].count, 0u);
}

TEST_P(SampleStoreContract, BoundariesAscend) {
  const Times equal{10, 20, 20};
  EXPECT_EQ(code_of(samples().aggregate(kSeries, equal)), ErrorCode::kInvalidArgument);
  const Times one{10};
  EXPECT_TRUE(samples().aggregate(kSeries, one)->empty());
  EXPECT_TRUE(samples().aggregate(kSeries, {})->empty());
}

TEST_P(SampleStoreContract, BucketsOfManySeriesFollowOneAnother) {
  put(kSeries, {10, 20}, {1, 2});
  put(kOther, {20, 29}, {3, 4});
  put(SeriesId{3}, Waveform{0, 100'000, {5, 6, 7}});  // 0, 10, 20 us
  const Times boundaries{10, 20, 30};
  const auto buckets =
      *samples().aggregate(std::vector{kOther, SeriesId{99}, SeriesId{3}, kSeries}, boundaries);
  ASSERT_EQ(buckets.size(), 8u);
  Values sums;
  for (const Bucket& bucket : buckets) sums.push_back(bucket.sum);
  EXPECT_EQ(sums, (Values{0, 7, 0, 0, 6, 7, 1, 2}));
  EXPECT_EQ(buckets[1].count, 2u);
  EXPECT_TRUE(samples().aggregate(std::vector<SeriesId>{}, boundaries)->empty());
}

TEST_P(SampleStoreContract, SamplesAboveAThresholdAreCountedOverManySeries) {
  put(kSeries, {10, 20, 30}, {1, 5, 9});
  put(kSeries, {20}, {2});  // replaces the 5
  put(kOther, {10, 15}, {4, 4.5});
  put(SeriesId{3}, Waveform{0, 100'000, {5, 6, 7}});  // 0, 10, 20 us
  const auto above = [&](std::vector<SeriesId> series, TimeRange range, double threshold) {
    return *samples().count_above(series, range, threshold);
  };
  EXPECT_EQ(above({kSeries, kOther, SeriesId{3}, SeriesId{99}}, kEver, 4), 5u);
  EXPECT_EQ(above({kSeries, kOther}, {10, 30}, 1), 3u);  // greater, not equal
  EXPECT_EQ(above({SeriesId{3}}, {10, 20}, 0), 1u);
  EXPECT_EQ(above({}, kEver, 0), 0u);
  EXPECT_EQ(above({kSeries}, {30, 10}, 0), 0u);
}

TEST_P(SampleStoreContract, RemovedSeriesAreGoneAndOthersStay) {
  put(kSeries, {10}, {1});
  put(kOther, {10}, {2});
  put(SeriesId{3}, Waveform{10, 1000, {1, 2, 3}});
  ASSERT_TRUE(samples().remove_series(std::vector{kSeries, SeriesId{3}, SeriesId{99}}));
  reopen();
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_TRUE(all(SeriesId{3}).empty());
  EXPECT_FALSE(latest(kSeries));
  EXPECT_FALSE(latest(SeriesId{3}));
  EXPECT_EQ(all(kOther).value, Values{2});
  put(kSeries, {5}, {7});
  EXPECT_EQ(all(kSeries).value, Values{7});
}

TEST_P(SampleStoreContract, SamplesThatMakeNoSenseAreRefusedWithTheirAppend) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Append append;
    append.samples = batch_of({{kOther, {{1}, {1}}}, {kSeries, {{1, 2}, {1, bad}}}});
    EXPECT_EQ(code_of_append(append), ErrorCode::kInvalidArgument);
  }
  Append ragged;
  ragged.samples = batch_of({{kSeries, {{1, 2}, {1}}}});
  EXPECT_EQ(code_of_append(ragged), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, 1000, {}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, 0, {1}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, -5, {1}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, std::nan(""), {1}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, 1e-300, {1}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_block({0, 1000, {1, std::nanf("")}}), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(all(kSeries).empty());
  EXPECT_TRUE(all(kOther).empty());
  Append empty;
  empty.samples = batch_of({{kSeries, {}}});
  put(empty);
  EXPECT_FALSE(latest(kSeries));
}

// Waveforms ---------------------------------------------------------------------------------------

TEST_P(SampleStoreContract, ABlockComesBackExactlyAndAsSamples) {
  const Waveform block{1'000'000, 12'000, {0.1F, -0.0F, 1e-45F, 3e38F}};
  put(kSeries, block);
  reopen();
  const auto blocks = *samples().waveforms(kSeries, kEver, 10);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].start_us, 1'000'000);
  EXPECT_EQ(blocks[0].sample_rate_hz, 12'000);
  EXPECT_EQ(blocks[0].value, block.value);
  EXPECT_TRUE(std::signbit(blocks[0].value[1]));
  EXPECT_EQ(all(kSeries).timestamp_us, (Times{1'000'000, 1'000'083, 1'000'167, 1'000'250}));
  EXPECT_EQ(all(kSeries).value, (Values{0.1F, 0, 1e-45F, 3e38F}));
  EXPECT_EQ(latest(kSeries)->timestamp_us, 1'000'250);
  EXPECT_EQ(latest(kSeries)->value, 3e38F);
  EXPECT_EQ(latest(kSeries)->sample_rate_hz, 12'000);
}

TEST_P(SampleStoreContract, BlocksAreCutByRangesAndBoundaries) {
  put(kSeries, Waveform{0, 1'000, {1, 2, 3, 4}});       // 0, 1,000, 2,000, 3,000 us
  put(kSeries, Waveform{10'000, 1'000, {5, 6, 7, 8}});  // 10,000 to 13,000 us
  EXPECT_EQ(samples().read(kSeries, {1'000, 11'000}, 10)->value, (Values{2, 3, 4, 5}));
  EXPECT_EQ(*samples().count(kSeries, {1'000, 11'000}), 4u);
  EXPECT_EQ(code_of(samples().read(kSeries, kEver, 7)), ErrorCode::kResourceExhausted);
  const Times boundaries{0, 2'000, 9'000, 20'000};
  const auto buckets = *samples().aggregate(kSeries, boundaries);
  EXPECT_EQ(buckets[0].sum, 3);
  EXPECT_EQ(buckets[1].sum, 7);
  EXPECT_EQ(buckets[1].first, 3);
  EXPECT_EQ(buckets[2].count, 4u);
  EXPECT_EQ(buckets[2].max, 8);
}

TEST_P(SampleStoreContract, TheNewestBlocksThatStartInTheRangeAscend) {
  for (const std::int64_t start : {30'000, 10'000, 20'000, 0}) {
    put(kSeries, Waveform{start, 100, {1, 2}});  // each reaches 10,000 us on
  }
  const auto starts = [&](TimeRange range, std::size_t limit) {
    Times out;
    const auto found = *samples().waveforms(kSeries, range, limit);
    for (const Waveform& block : found) out.push_back(block.start_us);
    return out;
  };
  EXPECT_EQ(starts(kEver, 10), (Times{0, 10'000, 20'000, 30'000}));
  EXPECT_EQ(starts(kEver, 2), (Times{20'000, 30'000}));
  EXPECT_EQ(starts({10'000, 30'000}, 10), (Times{10'000, 20'000}));
  EXPECT_EQ(starts({10'001, 20'000}, 10), Times{});
  EXPECT_EQ(starts(kEver, 0), Times{});
  // One value on one timestamp: the block that came last gives the shared one.
  EXPECT_EQ(*samples().count(kSeries, kEver), 5u);
  EXPECT_EQ(all(kSeries).value, (Values{1, 2, 1, 2, 2}));
}

TEST_P(SampleStoreContract, ABlockOfTheSameStartIsReplaced) {
  put(kSeries, Waveform{0, 1'000, {1, 2, 3, 4}});
  put(kSeries, Waveform{0, 500, {9, 8}});
  EXPECT_EQ(samples().waveforms(kSeries, kEver, 10)->size(), 1u);
  EXPECT_EQ(all(kSeries).timestamp_us, (Times{0, 2'000}));
  EXPECT_EQ(all(kSeries).value, (Values{9, 8}));
  EXPECT_EQ(latest(kSeries)->timestamp_us, 2'000);
  EXPECT_EQ(latest(kSeries)->value, 8);
}

TEST_P(SampleStoreContract, AboveAMegahertzTheLatestSampleOfAMicrosecondStays) {
  put(kSeries, Waveform{0, 4e6, {1, 2, 3, 4, 5, 6, 7, 8}});
  EXPECT_EQ(samples().waveforms(kSeries, kEver, 1)->at(0).value.size(), 8u);
  EXPECT_EQ(*samples().count(kSeries, kEver), all(kSeries).size());
  EXPECT_EQ(all(kSeries).timestamp_us, (Times{0, 1, 2}));
  EXPECT_EQ(all(kSeries).value.back(), 8);
}

}  // namespace millwright::testing
