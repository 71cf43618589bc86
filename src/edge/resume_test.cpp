#include "edge/resume.h"

#include <gtest/gtest.h>

#include <map>

namespace millwright::edge {
namespace {

using journal::HoleReason;
using ::millwright::ingest::v1::EpochState;

constexpr journal::EpochId kEpoch{1};

/// A journal that holds first..next-1 and knows the chain hash of n as 1000 + n.
struct Mine {
  std::uint64_t first;
  std::uint64_t next;
  std::uint64_t acknowledged;
  journal::EpochInfo info() const { return {kEpoch, {}, first, next, acknowledged, acknowledged}; }
  ChainAt chain() const {
    return [*this](std::uint64_t seq) -> std::optional<std::uint64_t> {
      if (seq + 1 < first || seq >= next) return std::nullopt;
      return 1000 + seq;
    };
  }
};

EpochState hub_at(std::uint64_t watermark, std::uint64_t chain) {
  EpochState hub;
  hub.set_known(true);
  hub.set_watermark(watermark);
  hub.set_chain(chain);
  return hub;
}

Resume decide(const Mine& mine, const EpochState& hub) {
  return decide_resume(mine.info(), hub, mine.chain());
}

TEST(Resume, GoesOnAfterTheWatermarkWhereTheChainsMeet) {
  const Resume resume = decide({1, 11, 5}, hub_at(7, 1007));
  EXPECT_FALSE(resume.is_roll);
  EXPECT_EQ(resume.next_seq, 8u);
  EXPECT_EQ(decide({1, 11, 10}, hub_at(10, 1010)).next_seq, 11u);
}

TEST(Resume, SendsAnUnknownEpochFromItsStartUnlessItWasAcknowledged) {
  const Resume fresh = decide({4, 11, 0}, EpochState());
  EXPECT_FALSE(fresh.is_roll);
  EXPECT_EQ(fresh.next_seq, 1u);
  const Resume lost = decide({4, 11, 6}, EpochState());
  EXPECT_TRUE(lost.is_roll);
  EXPECT_FALSE(lost.is_forked);
  EXPECT_EQ(lost.lost, 3u);
  EXPECT_EQ(lost.lost_reason, HoleReason::kHubLostEpoch);
  EXPECT_EQ(lost.undelivered_from, 4u);
}

TEST(Resume, RollsWhereThePastsDiffer) {
  for (const EpochState& hub : {hub_at(11, 0), hub_at(50, 0), hub_at(7, 1)}) {
    const Resume resume = decide({1, 11, 5}, hub);
    EXPECT_TRUE(resume.is_roll);
    EXPECT_TRUE(resume.is_forked);
    EXPECT_EQ(resume.undelivered_from, 1u);
    EXPECT_EQ(resume.lost, 0u);
  }
  EpochState marked = hub_at(7, 1007);
  marked.set_forked(true);
  EXPECT_TRUE(decide({1, 11, 5}, marked).is_roll);
}

TEST(Resume, MovesWhatComesAfterTheLastCommonPointOfTheLedger) {
  EpochState hub = hub_at(20, 0);
  for (const auto& [end, chain] :
       std::map<std::uint64_t, std::uint64_t>{{4, 1004}, {8, 1008}, {10, 7}, {20, 0}}) {
    auto* entry = hub.add_ledger();
    entry->set_end_seq(end);
    entry->set_chain(chain);
  }
  EXPECT_EQ(decide({1, 11, 5}, hub).undelivered_from, 9u);
}

TEST(Resume, BelievesAWatermarkThatItCannotCheckOnlyUpToItsOwnAcknowledgement) {
  const Resume restored = decide({8, 11, 7}, hub_at(3, 99));
  EXPECT_FALSE(restored.is_roll);
  EXPECT_EQ(restored.next_seq, 4u) << "4 to 7 become a gap";
  const Resume unproved = decide({8, 11, 2}, hub_at(3, 99));
  EXPECT_TRUE(unproved.is_roll);
  EXPECT_EQ(unproved.lost, 5u) << "3 to 7 were dropped before they were delivered";
  EXPECT_EQ(unproved.lost_reason, HoleReason::kJournalFull);
  EXPECT_EQ(unproved.undelivered_from, 8u);
}

TEST(Resume, ReplaysOfAClosedEpochWhatTheHubNoLongerHas) {
  const Mine mine{4, 21, 20};
  journal::EpochInfo closed = mine.info();
  closed.delivered = 10;
  const auto replay = [&](const EpochState& hub) {
    return decide_replay(closed, hub, mine.chain());
  };
  EXPECT_EQ(replay(hub_at(7, 1007)), 8u);
  EXPECT_EQ(replay(EpochState()), 1u) << "the gap before the fourth is declared";
  EXPECT_EQ(replay(hub_at(10, 1010)), std::nullopt);
  EXPECT_EQ(replay(hub_at(15, 1015)), std::nullopt);
  EXPECT_EQ(replay(hub_at(7, 1)), std::nullopt) << "another past";
  EXPECT_EQ(replay(hub_at(2, 99)), 3u) << "the chain there is forgotten";
  EpochState forked = hub_at(7, 1007);
  forked.set_forked(true);
  EXPECT_EQ(replay(forked), std::nullopt);
}

}  // namespace
}  // namespace millwright::edge
