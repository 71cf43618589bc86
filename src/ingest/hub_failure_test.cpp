// What the hub says when its store fails, or fails to say whether it stored.

#include "ingest/testing/hub_fixture.h"

namespace millwright::ingest::testing {
namespace {

enum class Fault { kNone, kNothingStored, kStoredButUnknown, kDiskFull };

/// A tenant in memory whose commits can be made to fail.
class FaultySamples final : public SampleStore {
 public:
  explicit FaultySamples(SampleStore& inner) : inner_(inner) {}
  std::atomic<Fault> fault = Fault::kNone;

  std::vector<Result<>> append(std::span<const Append> appends) override {
    if (fault == Fault::kNone) return inner_.append(appends);
    if (fault == Fault::kStoredButUnknown) {
      for (const auto& stored : inner_.append(appends)) EXPECT_TRUE(stored);
    }
    if (fault == Fault::kDiskFull) {
      return std::vector<Result<>>(appends.size(),
                                   Result<>(resource_exhausted("the disk is full")));
    }
    return std::vector<Result<>>(appends.size(),
                                 Result<>(unavailable("the commit's answer was lost", "disk")));
  }
  Result<> open_session(const StreamKey& stream, std::uint64_t token) override {
    return inner_.open_session(stream, token);
  }
  Result<std::optional<EpochState>> epoch(const EpochId& id) override { return inner_.epoch(id); }
  Result<std::optional<EpochId>> newest_epoch(const StreamKey& stream) override {
    return inner_.newest_epoch(stream);
  }
  Result<std::vector<DictionaryMapping>> dictionary(const EpochId& id) override {
    return inner_.dictionary(id);
  }
  Result<std::vector<std::string>> refusals(const EpochId& id, std::uint64_t from,
                                            std::uint64_t to) override {
    return inner_.refusals(id, from, to);
  }
  Result<> mark_forked(const EpochId& id) override { return inner_.mark_forked(id); }
  Result<std::vector<DeclaredGap>> gaps() override { return inner_.gaps(); }
  Result<std::uint64_t> quarantined_count() override { return inner_.quarantined_count(); }
  Result<> remove_agent(const DeviceId& agent) override { return inner_.remove_agent(agent); }
  Result<> remove_series(std::span<const SeriesId> series) override {
    return inner_.remove_series(series);
  }
  Result<bool> expire(std::span<const Expiry> expiries) override { return inner_.expire(expiries); }
  Result<Expirable> expirable(std::span<const Expiry> expiries) override {
    return inner_.expirable(expiries);
  }
  Result<bool> maintain() override { return inner_.maintain(); }
  Result<> settle() override { return inner_.settle(); }
  Result<SampleColumns> read(SeriesId series, TimeRange range, std::size_t limit) override {
    return inner_.read(series, range, limit);
  }
  Result<std::vector<Waveform>> waveforms(SeriesId series, TimeRange range,
                                          std::size_t limit) override {
    return inner_.waveforms(series, range, limit);
  }
  Result<std::vector<std::optional<Latest>>> latest(std::span<const SeriesId> series) override {
    return inner_.latest(series);
  }
  Result<std::vector<Bucket>> aggregate(std::span<const SeriesId> series,
                                        std::span<const std::int64_t> boundaries) override {
    return inner_.aggregate(series, boundaries);
  }
  Result<std::uint64_t> count_above(std::span<const SeriesId> series, TimeRange range,
                                    double threshold) override {
    return inner_.count_above(series, range, threshold);
  }
  Result<std::uint64_t> count(SeriesId series, TimeRange range) override {
    return inner_.count(series, range);
  }

 private:
  SampleStore& inner_;
};

class FaultyStore final : public TenantStore {
 public:
  explicit FaultyStore(std::shared_ptr<TenantStore> inner)
      : inner_(std::move(inner)), faulty(inner_->samples()) {}
  const TenantId& tenant() const override { return inner_->tenant(); }
  TenantCatalog& catalog() override { return inner_->catalog(); }
  SampleStore& samples() override { return faulty; }

 private:
  std::shared_ptr<TenantStore> inner_;

 public:
  FaultySamples faulty;
};

class FaultyDirectory final : public TenantDirectory {
 public:
  explicit FaultyDirectory(std::shared_ptr<FaultyStore> store) : store_(std::move(store)) {}
  Result<std::shared_ptr<TenantStore>> open_for_service(const TenantId&) override {
    return std::shared_ptr<TenantStore>(store_);
  }
  Result<> create(const TenantId&) override { return {}; }
  Result<std::vector<TenantId>> tenants() override {
    return std::vector<TenantId>{store_->tenant()};
  }

 private:
  std::shared_ptr<FaultyStore> store_;
};

class HubFailure : public HubTest {
 protected:
  HubFailure()
      : faulty(std::make_shared<FaultyStore>(directory.open_for_service(tenant()).value())),
        faulty_directory(faulty) {
    hub = std::make_unique<Hub>(faulty_directory, bus, clock, telemetry);
    agent.define(1, "temperature");
    for (int i = 1; i < 4; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  }
  ~HubFailure() override { hub.reset(); }

  std::shared_ptr<FaultyStore> faulty;
  FaultyDirectory faulty_directory;
  SimulatedAgent agent{epoch_named(1)};
};

TEST_F(HubFailure, NothingIsAcknowledgedThatWasNotStored) {
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 2));
  messages.clear();
  faulty->faulty.fault = Fault::kNothingStored;
  connection.session->submit(agent.batch(3, 3));
  connection.session->submit(agent.batch(4, 4));
  settle();
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 2U);
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(connection.answers->last<Closed>()->error.message.find("disk"), std::string::npos);
  EXPECT_TRUE(messages.empty());
  faulty->faulty.fault = Fault::kNone;
  const auto again = connect({agent.offer()});
  EXPECT_EQ(again.answers->last<Welcome>()->epochs[0].state.watermark, 2U);
  send(again, agent.batch(3, 4));
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubFailure, ACommitWhoseAnswerIsLostIsLookedUpAndNotGuessed) {
  const auto connection = connect({agent.offer()});
  faulty->faulty.fault = Fault::kStoredButUnknown;
  send(connection, agent.all());
  ASSERT_TRUE(connection.answers->last<Ack>());
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 4U);
  EXPECT_FALSE(connection.answers->last<Closed>());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubFailure, AFullDiskIsCalledSo) {
  const auto connection = connect({agent.offer()});
  faulty->faulty.fault = Fault::kDiskFull;
  send(connection, agent.all());
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kResourceExhausted);
  EXPECT_FALSE(connection.answers->last<Ack>());
  std::optional<FirstRefusal> answer;
  const Principal legacy{Role::kDevice, tenant(), std::nullopt, "legacy", true};
  ASSERT_TRUE(hub->append_unnumbered(legacy, tenant(), {{"000001", "a", "", 1, "", "", kNowUs}},
                                     [&](auto refusal) { answer = std::move(refusal); }));
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error.code, ErrorCode::kResourceExhausted);
  faulty->faulty.fault = Fault::kNone;
  send(connect({agent.offer()}), agent.all());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubFailure, UnnumberedSamplesThatWereNotStoredAreAnsweredSo) {
  faulty->faulty.fault = Fault::kNothingStored;
  std::optional<FirstRefusal> answer;
  const Principal legacy{Role::kDevice, tenant(), std::nullopt, "legacy", true};
  ASSERT_TRUE(hub->append_unnumbered(legacy, tenant(), {{"000001", "a", "", 1, "", "", kNowUs}},
                                     [&](auto refusal) { answer = std::move(refusal); }));
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error.code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace millwright::ingest::testing
