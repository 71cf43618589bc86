#pragma once
/// The contract of SampleStore's producers: sessions, epochs, watermark, ledger, gaps, quarantine.
/// Include in one test file of an adapter and instantiate.

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class ProducerContract : public StoreContract {
 protected:
  static constexpr EpochId kEpoch{1, 2, 3};
  static constexpr EpochId kLater{9};
  static constexpr std::uint64_t kSession = 0xfedc'ba98'7654'3210;  // above the signed range
  const StreamKey stream_{device_id("000001"), StreamClass::kTelemetry};

  void SetUp() override {
    StoreContract::SetUp();
    ASSERT_TRUE(samples().open_session(stream_, kSession));
  }
  EpochAdvance advance(std::uint64_t base, std::uint64_t end, const EpochId& epoch = kEpoch) {
    EpochAdvance out{.stream = stream_,
                     .epoch = epoch,
                     .session_token = kSession,
                     .base_seq = base,
                     .end_seq = end,
                     .refusals = {}};
    out.chain = end * 0x1111'1111'1111'1111;
    out.sample_count = end - base + 1;
    out.arrived_at = from_us(77);
    return out;
  }
  /// Records base..end, one sample each: time 1,000 * record, value of the record's number.
  Append records(std::uint64_t base, std::uint64_t end, const EpochId& epoch = kEpoch) {
    Append out;
    for (std::uint64_t n = base; n <= end; ++n) {
      out.samples.append(kSeries, static_cast<std::int64_t>(n) * 1'000, static_cast<double>(n));
    }
    out.advance = advance(base, end, epoch);
    return out;
  }
  ErrorCode code_of_append(const Append& append) {
    return code_of(samples().append({&append, 1})[0]);
  }
  EpochState state(const EpochId& epoch = kEpoch) { return samples().epoch(epoch)->value(); }
};

TEST_P(ProducerContract, AnUnknownEpochIsMissing) {
  EXPECT_FALSE(*samples().epoch(kEpoch));
  EXPECT_FALSE(*samples().newest_epoch(stream_));
  EXPECT_TRUE(samples().dictionary(kEpoch)->empty());
  EXPECT_TRUE(samples().refusals(kEpoch, 1, 100)->empty());
  EXPECT_EQ(code_of(samples().mark_forked(kEpoch)), ErrorCode::kNotFound);
}

TEST_P(ProducerContract, TheWatermarkAndTheSamplesMoveTogether) {
  put(records(1, 3));
  put(records(4, 4));
  reopen();
  EXPECT_EQ(state().watermark, 4u);
  EXPECT_EQ(state().chain, 4 * 0x1111'1111'1111'1111u);
  EXPECT_FALSE(state().forked);
  EXPECT_EQ(state().moved_through, 0u);
  ASSERT_EQ(state().ledger.size(), 2u);
  EXPECT_EQ(state().ledger[0].base_seq, 1u);
  EXPECT_EQ(state().ledger[0].end_seq, 3u);
  EXPECT_EQ(state().ledger[1].base_seq, 4u);
  EXPECT_EQ(state().ledger[1].chain, 4 * 0x1111'1111'1111'1111u);
  EXPECT_EQ(all(kSeries).value, (std::vector<double>{1, 2, 3, 4}));
}

TEST_P(ProducerContract, ARecordThatDoesNotFollowIsRefusedAndLeavesNoTrace) {
  EXPECT_EQ(code_of_append(records(2, 3)), ErrorCode::kOutOfRange);  // an epoch begins with 1
  EXPECT_FALSE(*samples().epoch(kEpoch));
  put(records(1, 3));
  EXPECT_EQ(code_of_append(records(5, 6)), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of_append(records(3, 4)), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of_append(records(1, 3)), ErrorCode::kOutOfRange);
  Append full = records(5, 5);
  full.samples = batch_of({{kOther, {{1}, {1}}}});
  full.waveforms.push_back({SeriesId{3}, {0, 10, {1, 2}}});
  full.dictionary.push_back({1, kSeries});
  full.quarantine.push_back({5, "unreadable", "x"});
  full.moved.push_back({kLater, 5});
  full.gap = DeclaredGap{stream_, kEpoch, 5, 5, 1, "lost", from_us(1)};
  EXPECT_EQ(code_of_append(full), ErrorCode::kOutOfRange);
  EXPECT_EQ(state().watermark, 3u);
  EXPECT_EQ(all(kSeries).size(), 3u);
  EXPECT_TRUE(all(kOther).empty());
  const auto newest = *samples().latest(std::vector{kOther, SeriesId{3}});
  for (const auto& latest : newest) EXPECT_FALSE(latest);
  EXPECT_TRUE(samples().dictionary(kEpoch)->empty());
  EXPECT_EQ(*samples().quarantined_count(), 0u);
  EXPECT_FALSE(*samples().epoch(kLater));
  EXPECT_TRUE(samples().gaps()->empty());
}

TEST_P(ProducerContract, ARefusedAppendDoesNotHinderTheOthers) {
  std::vector<Append> appends{records(1, 2), records(7, 8), records(3, 4)};
  appends.push_back(appends[0]);
  appends[3].advance.reset();
  const auto results = samples().append(appends);
  ASSERT_EQ(results.size(), 4u);
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(code_of(results[1]), ErrorCode::kOutOfRange);
  EXPECT_NE(results[1].error().message.find("send record 3"), std::string::npos);
  EXPECT_TRUE(results[2]);
  EXPECT_TRUE(results[3]);
  EXPECT_EQ(state().watermark, 4u);
  EXPECT_EQ(all(kSeries).value, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_TRUE(samples().append({}).empty());
}

TEST_P(ProducerContract, AnOlderSessionIsFenced) {
  put(records(1, 1));
  ASSERT_TRUE(samples().open_session(stream_, 5));
  reopen();
  EXPECT_EQ(code_of_append(records(2, 2)), ErrorCode::kAborted);
  Append now = records(2, 2);
  now.advance->session_token = 5;
  put(now);
  EXPECT_EQ(state().watermark, 2u);
}

TEST_P(ProducerContract, AStreamWithoutASessionIsFenced) {
  Append other = records(1, 1);
  other.advance->stream.stream_class = StreamClass::kBulk;
  EXPECT_EQ(code_of_append(other), ErrorCode::kAborted);
}

TEST_P(ProducerContract, AnEpochBelongsToOneStream) {
  put(records(1, 1));
  const StreamKey bulk{stream_.agent, StreamClass::kBulk};
  ASSERT_TRUE(samples().open_session(bulk, kSession));
  Append foreign = records(2, 2);
  foreign.advance->stream = bulk;
  EXPECT_EQ(code_of_append(foreign), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(*samples().newest_epoch(bulk));
}

TEST_P(ProducerContract, TheNewestEpochIsTheOneThatAdvancedLast) {
  put(records(1, 1, kLater));
  put(records(1, 1, kEpoch));
  EXPECT_EQ(*samples().newest_epoch(stream_), kEpoch);
  put(records(2, 2, kLater));
  reopen();
  EXPECT_EQ(*samples().newest_epoch(stream_), kLater);
  put(records(2, 2, kEpoch));
  EXPECT_EQ(*samples().newest_epoch(stream_), kEpoch);
  EXPECT_EQ(all(kSeries).size(), 2u);  // the same timestamps
}

TEST_P(ProducerContract, AnswersTheNewestLedgerRows) {
  for (std::uint64_t n = 1; n <= 70; ++n) put(records(n, n));
  const auto ledger = state().ledger;
  ASSERT_EQ(ledger.size(), 64u);
  EXPECT_EQ(ledger.front().base_seq, 7u);
  EXPECT_EQ(ledger.back().end_seq, 70u);
}

TEST_P(ProducerContract, RefusalsAreRepeatedForEver) {
  for (std::uint64_t n = 1; n <= 6; ++n) {
    Append append = records(2 * n - 1, 2 * n);
    if (n % 2 == 0) append.advance->refusals = "refused" + std::to_string(n) + std::string(1, '\0');
    put(append);
  }
  std::vector<Append> many;
  for (std::uint64_t n = 13; n < 3'000; ++n) many.push_back(records(n, n));
  for (const auto& result : samples().append(many)) ASSERT_TRUE(result);
  reopen();
  const auto with_zero = [](std::string text) { return text + '\0'; };
  EXPECT_EQ(*samples().refusals(kEpoch, 1, std::numeric_limits<std::uint64_t>::max()),
            (std::vector{with_zero("refused2"), with_zero("refused4"), with_zero("refused6")}));
  EXPECT_EQ(*samples().refusals(kEpoch, 4, 7),
            (std::vector{with_zero("refused2"), with_zero("refused4")}));
  EXPECT_TRUE(samples().refusals(kEpoch, 5, 6)->empty());
}

TEST_P(ProducerContract, TheDictionaryBelongsToItsEpoch) {
  Append first = records(1, 1);
  first.dictionary = {{7, SeriesId{70}}, {3, SeriesId{30}}};
  put(first);
  Append second = records(2, 2);
  second.dictionary = {{7, SeriesId{71}}, {0xffff'ffff, SeriesId{5}}};
  put(second);
  reopen();
  const auto mappings = *samples().dictionary(kEpoch);
  ASSERT_EQ(mappings.size(), 3u);
  EXPECT_EQ(mappings[0].reference, 3u);
  EXPECT_EQ(mappings[1].series, SeriesId{71});
  EXPECT_EQ(mappings[2].reference, 0xffff'ffffu);
  EXPECT_TRUE(samples().dictionary(kLater)->empty());
}

TEST_P(ProducerContract, AMovedMarkNeverGoesBack) {
  put(records(1, 5));
  Append moved = records(1, 1, kLater);
  moved.moved = {{kEpoch, 4}, {EpochId{42}, 9}};
  put(moved);
  Append again = records(2, 2, kLater);
  again.moved = {{kEpoch, 2}};
  put(again);
  EXPECT_EQ(state().moved_through, 4u);
  EXPECT_EQ(state().watermark, 5u);
  EXPECT_EQ(*samples().newest_epoch(stream_), kLater);
  // An epoch that is known by its mark only may still begin.
  EXPECT_EQ(state(EpochId{42}).moved_through, 9u);
  EXPECT_EQ(state(EpochId{42}).watermark, 0u);
  put(records(1, 1, EpochId{42}));
  EXPECT_EQ(state(EpochId{42}).moved_through, 9u);
}

TEST_P(ProducerContract, AForkIsRemembered) {
  put(records(1, 1));
  ASSERT_TRUE(samples().mark_forked(kEpoch));
  reopen();
  EXPECT_TRUE(state().forked);
  put(records(2, 2));
  EXPECT_TRUE(state().forked);
}

TEST_P(ProducerContract, AGapMovesTheWatermarkAndIsKept) {
  put(records(1, 1));
  Append gap;
  gap.gap = DeclaredGap{stream_, kEpoch, 2, 10, 900, "journal full", from_us(123)};
  gap.advance = advance(2, 10);
  put(gap);
  put(records(11, 11));
  Append unknown;
  unknown.gap = DeclaredGap{stream_, kLater, 1, 0, 0, "journal lost", from_us(124)};
  put(unknown);
  reopen();
  EXPECT_EQ(state().watermark, 11u);
  EXPECT_EQ(all(kSeries).value, (std::vector<double>{1, 11}));
  const auto gaps = *samples().gaps();
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].stream, stream_);
  EXPECT_EQ(gaps[0].epoch, kEpoch);
  EXPECT_EQ(gaps[0].from_seq, 2u);
  EXPECT_EQ(gaps[0].to_seq, 10u);
  EXPECT_EQ(gaps[0].sample_count, 900u);
  EXPECT_EQ(gaps[0].reason, "journal full");
  EXPECT_EQ(gaps[0].declared_at, from_us(123));
  EXPECT_EQ(gaps[1].to_seq, 0u);
  EXPECT_FALSE(*samples().epoch(kLater));
}

TEST_P(ProducerContract, QuarantineIsCounted) {
  Append append = records(1, 2);
  append.quarantine = {{1, "unreadable", std::string("\0\xff", 2)}, {2, "in_future", "later"}};
  put(append);
  Append bare;
  bare.quarantine = {{0, "in_future", "of the old contract"}};
  put(bare);
  reopen();
  EXPECT_EQ(*samples().quarantined_count(), 3u);
}

TEST_P(ProducerContract, AnAppendThatMakesNoSenseIsRefused) {
  Append backwards = records(1, 1);
  backwards.advance->base_seq = 2;
  EXPECT_EQ(code_of_append(backwards), ErrorCode::kInvalidArgument);
  Append zero = records(1, 1);
  zero.advance->base_seq = 0;
  EXPECT_EQ(code_of_append(zero), ErrorCode::kInvalidArgument);
  Append endless = records(1, 1);
  endless.advance->end_seq = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(code_of_append(endless), ErrorCode::kInvalidArgument);
  Append homeless;
  homeless.dictionary = {{1, kSeries}};
  EXPECT_EQ(code_of_append(homeless), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(all(kSeries).empty());
}

TEST_P(ProducerContract, ARemovedAgentIsANewProducer) {
  ASSERT_TRUE(samples().open_session(stream_, kSession));
  put(records(1, 3));
  ASSERT_TRUE(samples().remove_agent(stream_.agent));
  reopen();
  EXPECT_FALSE(*samples().epoch(kEpoch));
  EXPECT_FALSE(*samples().newest_epoch(stream_));
  EXPECT_TRUE(samples().dictionary(kEpoch)->empty());
  EXPECT_EQ(*samples().count(kSeries, kEver), 3u);                // samples go by remove_series()
  EXPECT_EQ(code_of_append(records(1, 1)), ErrorCode::kAborted);  // its session is gone
  ASSERT_TRUE(samples().open_session(stream_, kSession));
  put(records(1, 2));
  EXPECT_EQ(state().watermark, 2u);
}

}  // namespace millwright::testing
