// What the hub says while nothing may be taken in, and after.

#include <future>

#include "ingest/testing/hub_fixture.h"

namespace millwright::ingest::testing {
namespace {

class HubAdmission : public HubTest {
 protected:
  HubAdmission() {
    HubOptions options;
    options.admit = [this]() -> Result<> {
      if (is_full) return resource_exhausted("the disk is nearly full; try again in 30 s");
      return {};
    };
    start_hub(options);
  }
  SimulatedAgent agent_with(int records) {
    SimulatedAgent agent(epoch_named(1));
    agent.define(1, "temperature");
    for (int i = 1; i < records; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
    return agent;
  }
  UnnumberedSample sample(double value) {
    return {"000001", "pressure", "", value, "bar", "", kNowUs};
  }

  std::atomic<bool> is_full = false;
};

TEST_F(HubAdmission, ASessionThatRunsIsEndedAndLosesNothing) {
  const SimulatedAgent agent = agent_with(4);
  const Connection first = connect({agent.offer()});
  send(first, agent.batch(1, 2));
  is_full = true;
  send(first, agent.batch(3, 4));
  ASSERT_TRUE(first.answers->last<Closed>());
  EXPECT_EQ(first.answers->last<Closed>()->error.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(values("temperature"), std::vector<double>{1});

  const auto refused = hub->open_session(device_principal(), first.answers);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);

  is_full = false;
  const Connection second = connect({agent.offer()});
  send(second, agent.batch(3, 4));
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubAdmission, AProducerOfTheOldContractIsRefusedBeforeAnythingIsStored) {
  const Principal legacy{Role::kDevice, tenant(), std::nullopt, "legacy", true};
  is_full = true;
  const auto refused = hub->append_unnumbered(legacy, tenant(), {sample(1)}, [](auto) { FAIL(); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  is_full = false;
  std::promise<bool> stored;
  ASSERT_TRUE(hub->append_unnumbered(legacy, tenant(), {sample(2)},
                                     [&](auto refusal) { stored.set_value(!refusal); }));
  EXPECT_TRUE(stored.get_future().get());
  EXPECT_EQ(values("pressure"), std::vector<double>{2});
}

TEST_F(HubAdmission, OldSamplesAreRemovedAllTheSame) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  is_full = true;
  const std::vector<Expiry> expiries{{metric("temperature")->series, kNowUs + 100}};
  while (*hub->expire(tenant(), expiries)) continue;
  EXPECT_TRUE(values("temperature").empty());
  EXPECT_EQ(hub->expire(tenant("999999"), expiries).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace millwright::ingest::testing
