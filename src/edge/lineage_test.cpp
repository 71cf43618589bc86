// The agent and a hub whose past is another one than its own.

#include "edge/testing/agent_fixture.h"

namespace millwright::edge {
namespace {

class AgentLineageTest : public AgentTest {
 protected:
  void start_guarded_agent() {
    start_agent({.segment_bytes = 2'000, .budget_bytes = 1 << 20, .guarded_share = 0.25});
  }
  struct Backup {
    std::map<std::string, TestingHub::Epoch> epochs;
    std::vector<std::string> order;
  };
  Backup back_up() const { return {hub_.epochs, hub_.order}; }
  void restore(const Backup& backup) {
    hub_.epochs = backup.epochs;
    hub_.order = backup.order;
    hub_.cut();
  }
  void begin_new_epoch() {
    hub_.newest().is_forked = true;
    hub_.cut();
    run(5s);
    ASSERT_EQ(agent_->counts().rolls, 1u);
    ASSERT_EQ(hub_.epochs.size(), 2u);
  }
  /// All that was counted is at the hub, in whatever order; a moved record may be there twice.
  void expect_all_counted() {
    run(5s);
    auto values = hub_.values();
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    ASSERT_GE(values.size(), counted_ - 1);
    EXPECT_EQ(values, up_to(static_cast<double>(values.size())));
    EXPECT_EQ(hub_.unknown_references(), 0);
  }
  std::size_t gaps() const {
    std::size_t count = 0;
    for (const auto& [id, epoch] : hub_.epochs) count += epoch.gaps.size();
    return count;
  }
};

TEST_F(AgentLineageTest, AHubThatLostItsDataGetsAGapAndARunningStream) {
  start_agent({.segment_bytes = 2'000, .budget_bytes = 1 << 20});
  run(30s);
  const auto before = journal_->current();
  ASSERT_GT(before.first_seq, 1u) << "delivered segments are trimmed";
  hub_.lose_data();
  hub_.cut();
  run(10s);
  EXPECT_EQ(agent_->counts().rolls, 1u);
  ASSERT_NE(journal_->current().epoch, before.epoch);
  EXPECT_EQ(journal_->current().previous, before.epoch);
  ASSERT_EQ(hub_.newest().gaps.size(), 1u);
  const v1::Gap& gap = hub_.newest().gaps[0];
  EXPECT_EQ(gap.reason(), "hub_lost_epoch");
  EXPECT_EQ(gap.from_seq(), 1u);
  EXPECT_EQ(gap.to_seq(), before.first_seq - 1);
  EXPECT_EQ(gap.about_epoch(), std::string(before.epoch.begin(), before.epoch.end()));
  EXPECT_EQ(journal_->epochs().size(), 1u) << "the old epoch was moved";
  run(5s);
  // What was still here came again, and everything since; each value once.
  auto values = hub_.values();
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
  EXPECT_GE(values.back(), counted_ - 1);
  EXPECT_EQ(values.back() - values.front() + 1, static_cast<double>(values.size()));
  EXPECT_EQ(hub_.unknown_references(), 0);
  EXPECT_EQ(agent_->counts().nacks, 0u);
}

TEST_F(AgentLineageTest, AnEpochThatWasNeverAcknowledgedIsSentFromItsStart) {
  hub_.is_acknowledging = false;
  run(2s);
  hub_.lose_data();
  hub_.is_acknowledging = true;
  hub_.cut();
  expect_complete();
  EXPECT_EQ(agent_->counts().rolls, 0u);
  EXPECT_TRUE(hub_.newest().gaps.empty());
}

TEST_F(AgentLineageTest, ADeletedJournalIsANewEpoch) {
  run(3s);
  const auto old = journal_->current().epoch;
  start_agent();
  run(3s);
  EXPECT_NE(journal_->current().epoch, old);
  EXPECT_EQ(hub_.epochs.size(), 2u);
  EXPECT_EQ(hub_.newest().watermark, journal_->current().next_seq - 1);
  expect_complete();
}

TEST_F(AgentLineageTest, ARestoredJournalRollsAfterTheCommonPoint) {
  run(2s);
  hub_.is_away = true;
  run(2s);
  // The hub has what this journal has not: as after a rolled-back disk.
  TestingHub::Epoch& epoch = hub_.newest();
  const std::uint64_t common = epoch.watermark;
  Waveform foreign;
  foreign.sample_rate_hz = 1;
  foreign.value = {1.0f};
  for (int i = 0; i < 100; ++i) {
    epoch.records[++epoch.watermark] = record::encode({0, record::WaveformRecord{1, foreign}});
    epoch.chain = record::next_chain(epoch.chain, epoch.records[epoch.watermark]);
  }
  const auto old = journal_->current();
  ASSERT_LT(old.next_seq, epoch.watermark);
  hub_.is_away = false;
  run(8s);
  EXPECT_EQ(agent_->counts().rolls, 1u);
  const TestingHub::Epoch& rolled = hub_.newest();
  EXPECT_TRUE(rolled.gaps.empty());
  std::uint64_t moved = 0;
  for (const auto& [seq, bytes] : rolled.records) {
    const auto record = record::decode(bytes);
    if (const auto* wrapped = std::get_if<record::MovedRecord>(&record->payload)) {
      EXPECT_GT(wrapped->seq, common);
      EXPECT_TRUE(wrapped->forked);
      ++moved;
    }
  }
  EXPECT_GE(moved, old.next_seq - 1 - common);
  expect_complete();
}

TEST_F(AgentLineageTest, ARestoredHubGetsAgainWhatItHasLost) {
  start_guarded_agent();
  run(10s);
  const Backup backup = back_up();
  run(60s);
  restore(backup);
  expect_complete();
  EXPECT_EQ(gaps(), 0u);
  EXPECT_EQ(agent_->counts().rolls, 0u);
}

TEST_F(AgentLineageTest, AnEmptyHubGetsAgainWhatTheGuardKeeps) {
  start_guarded_agent();
  run(60s);
  restore({});
  expect_all_counted();
  EXPECT_EQ(gaps(), 0u);
}

TEST_F(AgentLineageTest, ARestoredHubGetsAgainWhatItHasLostOfAnEarlierEpoch) {
  start_guarded_agent();
  run(10s);
  const Backup backup = back_up();
  run(30s);
  begin_new_epoch();
  run(10s);
  EXPECT_EQ(agent_->counts().replays, 0u) << "nothing is sent twice while nothing was lost";
  const std::string earlier = backup.order.back();
  const std::uint64_t delivered = hub_.epochs.at(earlier).watermark;
  restore(backup);
  expect_all_counted();
  EXPECT_EQ(agent_->counts().replays, 1u);
  EXPECT_EQ(hub_.epochs.at(earlier).watermark, delivered) << "what follows was moved";
  EXPECT_EQ(gaps(), 0u);
}

TEST_F(AgentLineageTest, AnEmptyHubGetsEarlierEpochsAgainAlsoFromANewProcess) {
  start_guarded_agent();
  run(20s);
  begin_new_epoch();
  run(10s);
  restart_agent();
  restore({});
  expect_all_counted();
  EXPECT_EQ(agent_->counts().replays, 1u);
  EXPECT_EQ(gaps(), 0u);
}

TEST_F(AgentLineageTest, AReplayThatTheHubDoesNotTakeStopsNothing) {
  start_guarded_agent();
  run(10s);
  const Backup backup = back_up();
  run(30s);
  begin_new_epoch();
  const std::string earlier = backup.order.back();
  hub_.on_batch = [&](const v1::Batch& batch) -> std::optional<uplink::ServerMessage> {
    if (batch.epoch() != earlier) return std::nullopt;
    uplink::ServerMessage answer;
    answer.mutable_nack()->set_epoch(earlier);
    answer.mutable_nack()->set_expected(1);
    return answer;
  };
  restore(backup);
  run(20s);
  EXPECT_EQ(agent_->counts().replays, 1u);
  EXPECT_EQ(agent_->counts().rolls, 2u) << "the backup does not know the second epoch";
  EXPECT_EQ(hub_.newest().watermark, journal_->current().next_seq - 1);
}

TEST_F(AgentLineageTest, AConnectionThatIsCutInAReplayGoesOnWithIt) {
  batch_bytes_ = 300;
  start_guarded_agent();
  run(5s);
  const Backup backup = back_up();
  run(60s);
  begin_new_epoch();
  int batches = 0;
  hub_.on_batch = [&](const v1::Batch&) -> std::optional<uplink::ServerMessage> {
    if (++batches % 7 == 0) hub_.cut();
    return std::nullopt;
  };
  restore(backup);
  run(40s);
  hub_.on_batch = nullptr;
  expect_all_counted();
  EXPECT_GT(agent_->counts().replays, 1u);
  EXPECT_EQ(gaps(), 0u);
}

}  // namespace
}  // namespace millwright::edge
