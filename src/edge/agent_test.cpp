#include "edge/testing/agent_fixture.h"

#include <stdlib.h>

#include <filesystem>

#include "base/log.h"

namespace millwright::edge {
namespace {

TEST_F(AgentTest, DeliversWithinTheFlushIntervalAndSaysOnline) {
  run(120ms);
  EXPECT_EQ(hub_.values(), up_to(1));
  EXPECT_THAT(hub_.statuses, ElementsAre(10));
  run(25s);
  EXPECT_THAT(hub_.statuses, ElementsAre(10, 10, 10));
  expect_complete();
  EXPECT_EQ(agent_->counts().nacks, 0u);
  EXPECT_EQ(hub_.hellos, 1);
}

TEST_F(AgentTest, SendsNothingThatIsNotInTheJournal) {
  run(3s);
  const auto span = journal_->read(journal_->current().epoch, 1, 1 << 20);
  EXPECT_EQ(span->records.size(), hub_.newest().records.size());
  EXPECT_EQ(journal_->current().acknowledged, hub_.newest().watermark);
}

TEST_F(AgentTest, GoesOnWhileTheHubIsAwayAndDeliversInOrderAfterwards) {
  hub_.is_away = true;
  run(60s);
  EXPECT_TRUE(hub_.values().empty());
  EXPECT_GT(journal_->current().next_seq, 100u);
  hub_.is_away = false;
  expect_complete();
  EXPECT_GE(counted_, 600);
}

TEST_F(AgentTest, ALostConnectionLosesNothingAndRepeatsNothing) {
  for (int i = 0; i < 10; ++i) {
    run(700ms);
    hub_.is_acknowledging = i % 2 == 0;
    run(300ms);
    hub_.cut();
    hub_.is_acknowledging = true;
  }
  expect_complete();
  EXPECT_GT(hub_.hellos, 10);
  EXPECT_EQ(agent_->counts().rolls, 0u);
}

TEST_F(AgentTest, ASilentHubIsLeftAfterThirtySeconds) {
  run(1s);
  hub_.is_silent = true;
  run(31s);
  EXPECT_FALSE(agent_->is_connected());
  hub_.is_silent = false;
  run(20s);
  expect_complete();
}

TEST_F(AgentTest, TwoAgentsWithOneIdentityDoNotFightForTheStream) {
  int warnings = 0;
  log::set_sink([&](std::string_view line) {
    warnings += line.find("another agent uses this device's identity") != line.npos;
  });
  longest_retry_ = 300s;
  restart_agent();
  int takeovers = 0;
  // The other agent comes back at once and evicts this one, whatever it has delivered by then.
  for (int i = 0; i < 6'000; ++i) {
    run(100ms);
    if (!agent_->is_connected()) continue;
    hub_.refuse(Error{ErrorCode::kAborted, "taken over", {}});
    ++takeovers;
  }
  log::set_sink(nullptr);
  EXPECT_GE(takeovers, 3);
  EXPECT_LE(takeovers, 30) << "in ten minutes";
  EXPECT_EQ(warnings, 1);
  EXPECT_EQ(hub_.hellos, takeovers + agent_->is_connected());
  for (int i = 0; i < 320 && !agent_->is_connected(); ++i) run(1s);
  ASSERT_TRUE(agent_->is_connected()) << "the other agent is gone";
  run(11s);
  hub_.refuse(Error{ErrorCode::kAborted, "taken over", {}});
  run(5100ms);
  EXPECT_TRUE(agent_->is_connected()) << "after a session that lasted the wait is short again";
  expect_complete();
}

TEST_F(AgentTest, AHubThatHadNoRoomIsAskedAgainWithinHalfAMinute) {
  longest_retry_ = 300s;
  restart_agent();
  run(5s);
  hub_.is_full = true;
  hub_.cut();
  for (int i = 0; i < 1'800; ++i) run(1s);
  EXPECT_FALSE(agent_->is_connected());
  hub_.is_full = false;
  for (int i = 0; i < 31 && !agent_->is_connected(); ++i) run(1s);
  ASSERT_TRUE(agent_->is_connected());
  run(5s);
  expect_complete();
}

TEST_F(AgentTest, AHubThatCrashedIsTriedAgainQuicklyEachTime) {
  for (int crash = 0; crash < 20; ++crash) {
    run(2s);
    ASSERT_TRUE(agent_->is_connected());
    hub_.cut();
    run(300ms);
    EXPECT_TRUE(agent_->is_connected()) << "crash " << crash;
  }
  expect_complete();
}

TEST_F(AgentTest, KeepsWithinTheCredit) {
  hub_.is_away = true;
  run(120s);
  hub_.is_away = false;
  hub_.is_acknowledging = false;
  hub_.credit = 2'000;
  batch_bytes_ = 500;
  restart_agent();
  run(5s);
  std::size_t bytes = 0;
  for (const auto& [seq, record] : hub_.newest().records) bytes += record.size();
  EXPECT_GT(bytes, 1'000u);
  EXPECT_LE(bytes, 2'500u);
}

TEST_F(AgentTest, WhatTheBudgetDropsIsDeclared) {
  start_agent({.segment_bytes = 1'000, .budget_bytes = 5'000});
  hub_.is_away = true;
  run(60s);
  const std::uint64_t first = journal_->current().first_seq;
  ASSERT_GT(first, 1u);
  hub_.is_away = false;
  run(5s);
  ASSERT_EQ(hub_.newest().gaps.size(), 1u);
  EXPECT_EQ(hub_.newest().gaps[0].from_seq(), 1u);
  EXPECT_EQ(hub_.newest().gaps[0].reason(), "journal_full");
  EXPECT_EQ(hub_.unknown_references(), 0) << "each segment begins with the dictionary";
  EXPECT_EQ(agent_->counts().rolls, 0u);
}

TEST_F(AgentTest, TheDictionaryIsDeclaredAgainByANewProcessAndInEachSegment) {
  start_agent({.segment_bytes = 1'000, .budget_bytes = 1 << 20});
  run(10s);
  restart_agent();
  run(5s);
  std::set<std::uint32_t> references;
  int entries = 0;
  for (const auto& [seq, bytes] : hub_.newest().records) {
    const auto record = record::decode(bytes);
    if (const auto* entry = std::get_if<record::DictionaryEntry>(&record->payload)) {
      references.insert(entry->reference);
      EXPECT_EQ(entry->device_identifier, "000001");
      EXPECT_EQ(entry->path, "line");
      ++entries;
    }
  }
  EXPECT_EQ(references.size(), 1u) << "a metric keeps its reference";
  EXPECT_GT(entries, 3);
  expect_complete();
}

TEST_F(AgentTest, ANackIsFollowedFromTheExpectedRecord) {
  run(1s);
  bool is_first = true;
  hub_.on_batch = [&](const v1::Batch& batch) -> std::optional<uplink::ServerMessage> {
    if (!std::exchange(is_first, false)) return std::nullopt;
    uplink::ServerMessage nack;
    nack.mutable_nack()->set_epoch(batch.epoch());
    nack.mutable_nack()->set_expected(batch.base_seq());
    return nack;
  };
  run(1s);
  EXPECT_EQ(agent_->counts().nacks, 1u);
  EXPECT_EQ(hub_.hellos, 1);
  expect_complete();
}

TEST_F(AgentTest, AHubThatAlwaysNacksMakesNoLoopButANewEpoch) {
  run(1s);
  const auto old = journal_->current().epoch;
  hub_.on_batch = [&](const v1::Batch& batch) -> std::optional<uplink::ServerMessage> {
    if (batch.epoch() != std::string(old.begin(), old.end())) return std::nullopt;
    uplink::ServerMessage nack;
    nack.mutable_nack()->set_epoch(batch.epoch());
    nack.mutable_nack()->set_expected(batch.base_seq());
    return nack;
  };
  run(30s);
  EXPECT_EQ(agent_->counts().rolls, 1u);
  EXPECT_LT(agent_->counts().nacks, 20u);
  expect_complete();
}

TEST_F(AgentTest, ARecordThatTheHubCallsMalformedIsLeftOutInTheEnd) {
  run(1s);
  const std::uint64_t bad = journal_->current().next_seq + 3;
  hub_.on_batch = [&](const v1::Batch& batch) -> std::optional<uplink::ServerMessage> {
    const std::uint64_t end = batch.base_seq() + std::uint64_t(batch.records_size()) - 1;
    if (bad < batch.base_seq() || bad > end) return std::nullopt;
    hub_.refuse(invalid_argument("malformed"));
    return uplink::ServerMessage();
  };
  run(60s);
  ASSERT_EQ(hub_.newest().gaps.size(), 1u);
  EXPECT_EQ(hub_.newest().gaps[0].from_seq(), bad);
  EXPECT_EQ(hub_.newest().gaps[0].to_seq(), bad);
  EXPECT_EQ(hub_.newest().gaps[0].reason(), "refused_by_hub");
  EXPECT_EQ(hub_.newest().watermark, journal_->current().next_seq - 1);
}

TEST_F(AgentTest, RefusedSamplesAreCountedAndUnknownMetricsDeclaredAgain) {
  run(1s);
  bool is_first = true;
  std::uint64_t refused_at = 0;
  hub_.on_batch = [&](const v1::Batch& batch) -> std::optional<uplink::ServerMessage> {
    if (std::exchange(is_first, false)) {
      refused_at = batch.base_seq();
      hub_.refuse_next(batch.base_seq(), "unknown_metric", 2);
    }
    return std::nullopt;
  };
  run(2s);
  EXPECT_EQ(agent_->counts().refused_samples, 2u);
  int entries = 0;
  for (const auto& [seq, bytes] : hub_.newest().records) {
    const auto record = record::decode(bytes);
    if (seq > refused_at) {
      entries += std::holds_alternative<record::DictionaryEntry>(record->payload);
    }
  }
  EXPECT_EQ(entries, 1);
  expect_complete();
}

TEST_F(AgentTest, TheTokenIsRenewedBeforeItExpires) {
  run(1s);
  EXPECT_EQ(hub_.tokens, 1);
  for (int minute = 0; minute < 51; ++minute) {
    for (int i = 0; i < 12; ++i) {
      clock_.advance(4900ms);
      run(100ms);
    }
  }
  EXPECT_EQ(hub_.tokens, 2);
  EXPECT_THAT(hub_.refreshed_tokens, ElementsAre("token2"));
  EXPECT_EQ(agent_->token(), "token2");
  EXPECT_EQ(hub_.hellos, 1);
}

TEST_F(AgentTest, ARefusedSecretIsAskedForAgain) {
  secret_ = "old";
  restart_agent();
  run(5s);
  EXPECT_GT(secrets_refused_, 0);
  EXPECT_FALSE(agent_->is_connected());
  secret_ = "secret";
  run(5s);
  EXPECT_TRUE(agent_->is_connected());
  expect_complete();
}

TEST_F(AgentTest, ACleanStopJournalsWhatIsPendingAndSaysOffline) {
  run(1s);
  clock_.advance(100ms);
  ASSERT_TRUE(agent_->stop(1s));
  EXPECT_EQ(hub_.statuses.back(), 20);
  EXPECT_EQ(hub_.values(), up_to(11));
}

TEST_F(AgentTest, ABrokenJournalEndsTheAgent) {
  class Broken final : public journal::Journal {
   public:
    Result<> append(std::span<const std::string>) override {
      return Error{ErrorCode::kDataLoss, "sync failed", {}};
    }
    void set_preamble(journal::Preamble) override {}
    std::vector<journal::EpochInfo> epochs() const override { return {{}}; }
    Result<journal::Span> read(const journal::EpochId&, std::uint64_t, std::size_t) override {
      return journal::Span{};
    }
    std::optional<std::uint64_t> chain_at(const journal::EpochId&, std::uint64_t) override {
      return 0;
    }
    std::uint64_t segment_start(const journal::EpochId&, std::uint64_t seq) const override {
      return seq;
    }
    Result<> acknowledge(const journal::EpochId&, std::uint64_t) override { return {}; }
    Result<> start_epoch(std::uint64_t, journal::HoleReason, std::uint64_t) override { return {}; }
    Result<> skip(std::uint64_t, journal::HoleReason) override { return {}; }
    Result<> flush_acknowledged() override { return {}; }
    journal::Usage usage() const override { return {}; }
  } broken;
  AgentOptions options;
  options.device = "000001";
  Agent agent({broken, link_, clock_, [](bool, auto done) { done(std::string("secret")); }, nullptr,
               [] {}, 1},
              options);
  ASSERT_TRUE(agent.add_connector("counter", std::make_unique<Counter>(Moment::of(clock_))));
  Result<Agent::Time> last = Agent::Time{};
  for (int i = 0; i < 20 && last; ++i) {
    last = agent.step();
    clock_.advance(10ms);
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(hub_.values().empty());
}

}  // namespace
}  // namespace millwright::edge
