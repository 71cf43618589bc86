#include "edge/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <numeric>

#include "base/log.h"
#include "edge/testing/testing_hub.h"
#include "journal/memory/memory_journal.h"

namespace millwright::edge {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;

/// Yields 1, 2, 3 ..., one each 100 ms.
class Counter final : public Connector {
 public:
  explicit Counter(Moment start) : schedule_(start.steady, 100ms) {}
  std::span<const MetricDescription> metrics() const override { return {&metric_, 1}; }
  std::chrono::steady_clock::time_point next_due() const override { return schedule_.due(); }
  Result<std::vector<Reading>> read(Moment now) override {
    SampleColumns samples;
    samples.append(now.wall_us_at(schedule_.due()), ++count_);
    schedule_.advance(now);
    std::vector<Reading> readings;
    readings.push_back({0, std::move(samples)});
    return readings;
  }
  double count_ = 0;

 private:
  MetricDescription metric_{"line", "counter", "1", "Counter", MetricType::kNumericScalar};
  Schedule schedule_;
};

class AgentTest : public testing::Test {
 protected:
  AgentTest() : clock_(from_us(1'700'000'000'000'000)), hub_(clock_), link_(hub_.functions()) {
    start_agent();
  }

  void start_agent(journal::MemoryJournalOptions journal = {}) {
    agent_.reset();
    journal_ = std::make_unique<journal::MemoryJournal>(journal);
    restart_agent();
  }
  /// A new process on the same journal.
  void restart_agent() {
    agent_.reset();
    AgentOptions options;
    options.device = "000001";
    options.delivery.tenant = "100000";
    options.delivery.device = "000001";
    options.delivery.backoff = {250ms, longest_retry_};
    options.delivery.batch_bytes = batch_bytes_;
    agent_ = std::make_unique<Agent>(AgentParts{*journal_, link_, clock_,
                                                [this](bool is_refused, auto done) {
                                                  ++secrets_asked_;
                                                  secrets_refused_ += is_refused;
                                                  done(secret_);
                                                },
                                                nullptr, [] {}, 42},
                                     options);
    auto counter = std::make_unique<Counter>(Moment::of(clock_));
    counter->count_ = counted_;
    counter_ = counter.get();
    ASSERT_TRUE(agent_->add_connector("counter", std::move(counter)));
  }
  /// Lets time pass in steps of 10 ms.
  void run(Microseconds time) {
    for (Microseconds passed{0}; passed < time; passed += 10ms) {
      const auto next = agent_->step();
      ASSERT_TRUE(next) << next.error().message;
      clock_.advance(10ms);
    }
    counted_ = counter_->count_;
  }
  /// 1 ... n
  static std::vector<double> up_to(double n) {
    std::vector<double> out(static_cast<std::size_t>(n));
    std::iota(out.begin(), out.end(), 1.0);
    return out;
  }
  /// All that was counted is at the hub, in order, once.
  void expect_complete() {
    run(5s);
    auto values = hub_.values();
    ASSERT_GE(values.size(), counted_ - 1);
    EXPECT_EQ(values, up_to(static_cast<double>(values.size())));
    EXPECT_EQ(hub_.unknown_references(), 0);
  }

  ManualClock clock_;
  TestingHub hub_;
  uplink::LoopbackUplink link_;
  std::unique_ptr<journal::MemoryJournal> journal_;
  std::unique_ptr<Agent> agent_;
  Counter* counter_ = nullptr;
  double counted_ = 0;
  std::chrono::milliseconds longest_retry_ = 2s;
  std::size_t batch_bytes_ = 256 * 1024;
  std::string secret_ = "secret";
  int secrets_asked_ = 0;
  int secrets_refused_ = 0;
};

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

TEST_F(AgentTest, AHubThatLostItsDataGetsAGapAndARunningStream) {
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

TEST_F(AgentTest, AnEpochThatWasNeverAcknowledgedIsSentFromItsStart) {
  hub_.is_acknowledging = false;
  run(2s);
  hub_.lose_data();
  hub_.is_acknowledging = true;
  hub_.cut();
  expect_complete();
  EXPECT_EQ(agent_->counts().rolls, 0u);
  EXPECT_TRUE(hub_.newest().gaps.empty());
}

TEST_F(AgentTest, ADeletedJournalIsANewEpoch) {
  run(3s);
  const auto old = journal_->current().epoch;
  start_agent();
  run(3s);
  EXPECT_NE(journal_->current().epoch, old);
  EXPECT_EQ(hub_.epochs.size(), 2u);
  EXPECT_EQ(hub_.newest().watermark, journal_->current().next_seq - 1);
  expect_complete();
}

TEST_F(AgentTest, ARestoredJournalRollsAfterTheCommonPoint) {
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
