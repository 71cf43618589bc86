#pragma once
/// For tests: an agent with a counter on a journal in memory, and a hub that it can reach.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <numeric>

#include "edge/agent.h"
#include "edge/testing/testing_hub.h"
#include "journal/memory/memory_journal.h"

namespace millwright::edge {

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

}  // namespace millwright::edge
