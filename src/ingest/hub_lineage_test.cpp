// When a journal counts as lost, and when it does not.

#include "ingest/testing/hub_fixture.h"

namespace millwright::ingest::testing {
namespace {

SimulatedAgent agent_with(int records, EpochId epoch = epoch_named(1)) {
  SimulatedAgent agent(epoch);
  agent.define(1, "temperature");
  for (int i = 1; i < records; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  return agent;
}

TEST_F(HubTest, AReplacedJournalIsDeclaredOnce) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  const SimulatedAgent fresh = agent_with(3, epoch_named(2));
  connect({fresh.offer()});  // nothing was sent: nothing is declared yet
  EXPECT_TRUE(store().samples().gaps().value().empty());
  const auto connection = connect({fresh.offer()});
  send(connection, fresh.batch(1, 2));
  send(connection, fresh.batch(3, 3));
  send(connect({fresh.offer()}), fresh.all());
  const auto gaps = store().samples().gaps().value();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from_seq, 5U);
  EXPECT_EQ(gaps[0].to_seq, 0U);
  EXPECT_EQ(gaps[0].reason, "journal_replaced");
  EXPECT_EQ(events("journal_replaced").size(), 1U);
}

TEST_F(HubTest, TwoAgentsThatTakeTurnsUnderOneIdentityReplaceNoJournal) {
  SimulatedAgent first = agent_with(2);
  SimulatedAgent second = agent_with(2, epoch_named(2));
  send(connect({first.offer()}), first.all());
  send(connect({second.offer()}), second.all());
  const std::size_t declared = events("journal_replaced").size();
  EXPECT_EQ(declared, 1U);  // the second lineage was new
  for (int turn = 0; turn < 20; ++turn) {
    for (SimulatedAgent* agent : {&first, &second}) {
      const std::uint64_t seq = agent->scalars(1, {kNowUs + 100 + turn}, {1.0 * turn});
      const auto connection = connect({agent->offer()});
      send(connection, agent->batch(seq, seq));
      EXPECT_EQ(connection.answers->last<Ack>()->watermark, seq);
    }
  }
  EXPECT_EQ(events("journal_replaced").size(), declared);
  EXPECT_EQ(store().samples().gaps().value().size(), declared);
}

TEST_F(HubTest, TwinsThatBothContinueOneJournalReplaceNone) {
  const SimulatedAgent common = agent_with(4);
  send(connect({common.offer()}), common.all());
  for (const std::uint8_t name : {2, 3}) {
    const SimulatedAgent twin = agent_with(3, epoch_named(name));
    send(connect({twin.offer(common.epoch())}), twin.all());
  }
  EXPECT_TRUE(store().samples().gaps().value().empty());
}

TEST_F(HubTest, AnAgentThatOffersNothingAndGoesOnWithAKnownEpochReplacesNoJournal) {
  const SimulatedAgent old = agent_with(4);
  send(connect({old.offer()}), old.batch(1, 2));
  const SimulatedAgent next = agent_with(3, epoch_named(2));
  send(connect({next.offer(old.epoch())}), next.all());
  send(connect({}), old.batch(3, 4));
  EXPECT_TRUE(store().samples().gaps().value().empty());
}

TEST_F(HubTest, AnEpochThatContinuesTheOldOneLosesNothing) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  const SimulatedAgent next = agent_with(3, epoch_named(2));
  send(connect({next.offer(agent.epoch())}), next.all());
  EXPECT_TRUE(store().samples().gaps().value().empty());
  EXPECT_TRUE(events("journal_replaced").empty());
}

}  // namespace
}  // namespace millwright::ingest::testing
