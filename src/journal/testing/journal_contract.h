#pragma once
/// What every journal passes. An adapter's test defines a type with
///   std::unique_ptr<Journal> make(std::uint64_t segment_bytes, std::uint64_t budget_bytes,
///                                 double guarded_share);
/// whose acknowledged records count as young, and instantiates the suite:
/// INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JournalContract, MyType).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/journal.h"
#include "record/record.h"

namespace millwright::journal {

inline std::vector<std::string> texts(std::initializer_list<const char*> list) {
  return {list.begin(), list.end()};
}

template <typename Adapter>
class JournalContract : public testing::Test {
 protected:
  std::unique_ptr<Journal> make(std::uint64_t segment_bytes = 1 << 20,
                                std::uint64_t budget_bytes = 64 << 20, double guarded_share = 0) {
    return adapter_.make(segment_bytes, budget_bytes, guarded_share);
  }
  static void put(Journal& journal, std::vector<std::string> records) {
    const auto result = journal.append(records);
    ASSERT_TRUE(result) << result.error().message;
  }
  static Span get(Journal& journal, std::uint64_t from, std::size_t max_bytes = 1 << 20) {
    auto span = journal.read(journal.current().epoch, from, max_bytes);
    EXPECT_TRUE(span) << span.error().message;
    return std::move(span).value();
  }
  Adapter adapter_;
};

TYPED_TEST_SUITE_P(JournalContract);

TYPED_TEST_P(JournalContract, NumbersRecordsFromOneAndYieldsThemInOrder) {
  auto journal = this->make();
  EXPECT_EQ(journal->current().next_seq, 1u);
  this->put(*journal, texts({"a", "b"}));
  this->put(*journal, texts({"c"}));
  EXPECT_EQ(journal->current().next_seq, 4u);
  const Span all = this->get(*journal, 1);
  EXPECT_EQ(all.records, texts({"a", "b", "c"}));
  EXPECT_FALSE(all.hole);
  EXPECT_EQ(this->get(*journal, 2).records, texts({"b", "c"}));
  const Span end = this->get(*journal, 4);
  EXPECT_TRUE(end.records.empty());
  EXPECT_FALSE(end.hole);
}

TYPED_TEST_P(JournalContract, ChainsTheHashesOfTheRecords) {
  auto journal = this->make();
  this->put(*journal, texts({"a", "b"}));
  const std::uint64_t after_a = record::next_chain(0, "a");
  const std::uint64_t after_b = record::next_chain(after_a, "b");
  const EpochId epoch = journal->current().epoch;
  EXPECT_EQ(journal->chain_at(epoch, 0), 0u);
  EXPECT_EQ(journal->chain_at(epoch, 1), after_a);
  EXPECT_EQ(journal->chain_at(epoch, 2), after_b);
  EXPECT_EQ(journal->chain_at(epoch, 3), std::nullopt);
  EXPECT_EQ(this->get(*journal, 1).chain_end, after_b);
}

TYPED_TEST_P(JournalContract, BoundsWhatIsReadByBytesButYieldsAtLeastOne) {
  auto journal = this->make();
  this->put(*journal, {std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')});
  EXPECT_EQ(this->get(*journal, 1, 200).records.size(), 2u);
  EXPECT_EQ(this->get(*journal, 1, 10).records.size(), 1u);
}

TYPED_TEST_P(JournalContract, BeginsEachSegmentWithThePreamble) {
  auto journal = this->make(100);
  journal->set_preamble([] { return texts({"dictionary"}); });
  this->put(*journal, {std::string(200, 'a')});
  this->put(*journal, {std::string(200, 'b')});
  const EpochId epoch = journal->current().epoch;
  EXPECT_EQ(this->get(*journal, 2, 1).records, texts({"dictionary"}));
  EXPECT_EQ(this->get(*journal, 3, 1).records, std::vector{std::string(200, 'b')});
  EXPECT_EQ(journal->segment_start(epoch, 3), 2u);
  EXPECT_EQ(journal->segment_start(epoch, 1), 1u);
}

TYPED_TEST_P(JournalContract, RemovesWholeSegmentsOnceTheyAreAcknowledged) {
  auto journal = this->make(100);
  for (const char c : {'a', 'b', 'c'}) this->put(*journal, {std::string(200, c)});
  const EpochId epoch = journal->current().epoch;
  ASSERT_TRUE(journal->acknowledge(epoch, 2));
  EXPECT_EQ(journal->current().first_seq, 3u);
  EXPECT_EQ(journal->current().acknowledged, 2u);
  const Span span = this->get(*journal, 1);
  ASSERT_TRUE(span.hole);
  EXPECT_EQ(span.hole->to_seq, 2u);
  EXPECT_EQ(span.hole->reason, HoleReason::kTrimmed);
  EXPECT_EQ(span.hole->chain_end, journal->chain_at(epoch, 2));
  ASSERT_TRUE(journal->acknowledge(epoch, 1));
  EXPECT_EQ(journal->current().acknowledged, 2u) << "an acknowledgement never goes back";
}

TYPED_TEST_P(JournalContract, KeepsAShareOfTheBudgetOfAcknowledgedRecords) {
  auto journal = this->make(100, 10'000, 0.25);
  const EpochId epoch = journal->current().epoch;
  for (std::uint64_t seq = 1; seq <= 40; ++seq) {
    this->put(*journal, {std::string(200, 'a')});
    ASSERT_TRUE(journal->acknowledge(epoch, seq));
    if (seq != 5) continue;
    EXPECT_EQ(this->get(*journal, 1, 1).records, std::vector{std::string(200, 'a')});
  }
  const EpochInfo info = journal->current();
  EXPECT_EQ(info.acknowledged, 40u);
  EXPECT_EQ(info.delivered, 40u);
  EXPECT_GE(info.first_seq, 26u) << "2,500 bytes and the active segment";
  EXPECT_LE(info.first_seq, 36u);
  EXPECT_FALSE(this->get(*journal, info.first_seq).records.empty());
}

TYPED_TEST_P(JournalContract, KeepsClosedEpochsUnderTheGuardAndKnowsWhatTheyDelivered) {
  auto journal = this->make(100, 100'000, 0.25);
  const EpochId old = journal->current().epoch;
  for (const char c : {'a', 'b', 'c', 'd'}) this->put(*journal, {std::string(200, c)});
  ASSERT_TRUE(journal->acknowledge(old, 3));
  ASSERT_TRUE(journal->start_epoch(1, HoleReason::kJournalFull, 4));
  EXPECT_FALSE(journal->epochs()[0].is_done());
  ASSERT_TRUE(journal->acknowledge(old, 4));  // it was moved
  const auto epochs = journal->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_TRUE(epochs[0].is_done());
  EXPECT_EQ(epochs[0].acknowledged, 4u);
  EXPECT_EQ(epochs[0].delivered, 2u);
  const auto span = journal->read(old, 1, 1);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->records, std::vector{std::string(200, 'a')});
}

TYPED_TEST_P(JournalContract, KeepsTheActiveSegmentWhenAllIsAcknowledged) {
  auto journal = this->make(100);
  this->put(*journal, texts({"a"}));
  ASSERT_TRUE(journal->acknowledge(journal->current().epoch, 1));
  this->put(*journal, texts({"b"}));
  EXPECT_EQ(this->get(*journal, 2).records, texts({"b"}));
}

TYPED_TEST_P(JournalContract, DropsTheOldestSegmentOverTheBudgetAndDeclaresIt) {
  auto journal = this->make(1'000, 3'000);
  for (int i = 0; i < 10; ++i) this->put(*journal, {std::string(1'000, char('a' + i))});
  EXPECT_LE(journal->usage().used_bytes, 3'000u);
  const std::uint64_t first = journal->current().first_seq;
  EXPECT_GT(first, 1u);
  const Span span = this->get(*journal, 1);
  ASSERT_TRUE(span.hole);
  EXPECT_EQ(span.hole->from_seq, 1u);
  EXPECT_EQ(span.hole->to_seq, first - 1);
  EXPECT_EQ(span.hole->reason, HoleReason::kJournalFull);
  EXPECT_EQ(span.hole->chain_end, journal->chain_at(journal->current().epoch, first - 1));
  EXPECT_FALSE(this->get(*journal, first).records.empty());
}

TYPED_TEST_P(JournalContract, ANewEpochContinuesTheOldOneAndLeavesOutWhatIsLost) {
  auto journal = this->make();
  this->put(*journal, texts({"a", "b", "c"}));
  const EpochId old = journal->current().epoch;
  ASSERT_TRUE(journal->acknowledge(old, 3));
  ASSERT_TRUE(journal->start_epoch(2, HoleReason::kHubLostEpoch, 3));
  const auto epochs = journal->epochs();
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_EQ(epochs[0].epoch, old);
  EXPECT_EQ(epochs[0].acknowledged, 2u);
  EXPECT_NE(epochs[1].epoch, old);
  EXPECT_EQ(epochs[1].previous, old);
  EXPECT_EQ(epochs[1].first_seq, 3u);
  EXPECT_EQ(epochs[1].acknowledged, 0u);
  const Span span = this->get(*journal, 1);
  ASSERT_TRUE(span.hole);
  EXPECT_EQ(span.hole->to_seq, 2u);
  EXPECT_EQ(span.hole->reason, HoleReason::kHubLostEpoch);
  EXPECT_EQ(span.hole->about, old);
  this->put(*journal, texts({"d"}));
  EXPECT_EQ(this->get(*journal, 3).records, texts({"d"}));
  ASSERT_TRUE(journal->acknowledge(old, 3));
  EXPECT_EQ(journal->epochs().size(), 1u) << "a delivered old epoch is gone";
}

TYPED_TEST_P(JournalContract, SkippedNumbersAreAHoleWithTheirReason) {
  auto journal = this->make();
  this->put(*journal, texts({"a"}));
  ASSERT_TRUE(journal->skip(5, HoleReason::kDamaged));
  this->put(*journal, texts({"b"}));
  EXPECT_EQ(this->get(*journal, 1).records, texts({"a"}));
  const Span span = this->get(*journal, 2);
  ASSERT_TRUE(span.hole);
  EXPECT_EQ(span.hole->to_seq, 6u);
  EXPECT_EQ(span.hole->reason, HoleReason::kDamaged);
  EXPECT_EQ(span.hole->about, kNoEpoch);
  EXPECT_EQ(span.hole->chain_end, record::next_chain(0, "a"));
  EXPECT_EQ(this->get(*journal, 7).records, texts({"b"}));
}

REGISTER_TYPED_TEST_SUITE_P(
    JournalContract, NumbersRecordsFromOneAndYieldsThemInOrder, ChainsTheHashesOfTheRecords,
    BoundsWhatIsReadByBytesButYieldsAtLeastOne, BeginsEachSegmentWithThePreamble,
    RemovesWholeSegmentsOnceTheyAreAcknowledged, KeepsAShareOfTheBudgetOfAcknowledgedRecords,
    KeepsClosedEpochsUnderTheGuardAndKnowsWhatTheyDelivered,
    KeepsTheActiveSegmentWhenAllIsAcknowledged, DropsTheOldestSegmentOverTheBudgetAndDeclaresIt,
    ANewEpochContinuesTheOldOneAndLeavesOutWhatIsLost, SkippedNumbersAreAHoleWithTheirReason);

}  // namespace millwright::journal
