// The rules for records, watermarks, gaps, epochs and sessions.

#include "ingest/testing/hub_fixture.h"

namespace millwright::ingest::testing {
namespace {

SimulatedAgent agent_with(int records, EpochId epoch = epoch_named(1)) {
  SimulatedAgent agent(epoch);
  agent.define(1, "temperature");
  for (int i = 1; i < records; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  return agent;
}

TEST_F(HubTest, ANewEpochIsStoredFromItsFirstRecordAndAcknowledged) {
  const SimulatedAgent agent = agent_with(4);
  const auto connection = connect({agent.offer()});
  const auto welcome = connection.answers->last<Welcome>();
  ASSERT_TRUE(welcome);
  EXPECT_NE(welcome->session_token, 0U);
  EXPECT_EQ(welcome->credit_bytes, 8U << 20);
  ASSERT_EQ(welcome->epochs.size(), 1U);
  EXPECT_FALSE(welcome->epochs[0].known);
  send(connection, agent.all());
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 4U);
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(metric("temperature")->unit, "°C");
}

TEST_F(HubTest, ARecordSentTwiceIsStoredOnce) {
  const SimulatedAgent agent = agent_with(4);
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  const std::size_t published = messages.size();
  send(connection, agent.all());
  send(connection, agent.batch(2, 3));
  EXPECT_EQ(connection.answers->all<Ack>().size(), 3U);
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 4U);
  EXPECT_EQ(messages.size(), published);
}

TEST_F(HubTest, OfAnOverlappingBatchOnlyTheNewRecordsAreStored) {
  const SimulatedAgent agent = agent_with(6);
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 4));
  messages.clear();
  send(connection, agent.batch(3, 6));
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 6U);
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3, 4, 5}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(std::get<SamplesStored>(*messages[0]).scalars[0].samples.value,
            (std::vector<double>{4, 5}));
}

TEST_F(HubTest, ABatchBehindAHoleGetsOneNackUntilTheHoleIsFilled) {
  const SimulatedAgent agent = agent_with(8);
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 2));
  send(connection, agent.batch(5, 6));
  send(connection, agent.batch(7, 8));
  ASSERT_EQ(connection.answers->all<Nack>().size(), 1U);
  EXPECT_EQ(connection.answers->last<Nack>()->expected, 3U);
  send(connection, agent.batch(4, 4));  // went back, but not far enough
  EXPECT_EQ(connection.answers->all<Nack>().size(), 2U);
  send(connection, agent.batch(3, 4));
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 4U);
  send(connection, agent.batch(7, 8));
  EXPECT_EQ(connection.answers->last<Nack>()->expected, 5U);
  EXPECT_EQ(values("temperature").size(), 3U);
}

TEST_F(HubTest, AfterARestartTheHubContinuesWhereItWas) {
  const SimulatedAgent agent = agent_with(6);
  send(connect({agent.offer()}), agent.batch(1, 4));
  hub.reset();
  start_hub({});
  const auto connection = connect({agent.offer()});
  const auto welcome = connection.answers->last<Welcome>();
  EXPECT_TRUE(welcome->epochs[0].known);
  EXPECT_EQ(welcome->epochs[0].state.watermark, 4U);
  EXPECT_EQ(welcome->epochs[0].state.chain, agent.chain_at(4));
  ASSERT_EQ(welcome->epochs[0].state.ledger.size(), 1U);
  send(connection, agent.batch(5, 6));  // the dictionary record was sent to the hub before
  EXPECT_EQ(values("temperature").size(), 5U);
}

TEST_F(HubTest, ADeclaredGapMovesTheWatermarkAndIsAnEvent) {
  const SimulatedAgent agent = agent_with(9);
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 3));
  GapNotice gap = agent.gap(2, 6);
  gap.sample_count = 3;
  connection.session->submit(gap);
  settle();
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 6U);
  const auto gaps = store().samples().gaps().value();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from_seq, 4U);
  EXPECT_EQ(gaps[0].to_seq, 6U);
  EXPECT_EQ(gaps[0].reason, "journal_full");
  ASSERT_EQ(events("gap").size(), 1U);
  EXPECT_EQ(events("gap")[0].message,
            "3 records with 3 samples of the telemetry stream will never arrive: journal_full");
  send(connection, agent.batch(7, 9));
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 6, 7, 8}));
}

TEST_F(HubTest, AGapOverWhatIsStoredChangesNothingAndOneBehindAHoleIsNotTaken) {
  const SimulatedAgent agent = agent_with(6);
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 4));
  connection.session->submit(agent.gap(2, 3));
  settle();
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 4U);
  connection.session->submit(agent.gap(6, 6));
  settle();
  EXPECT_EQ(connection.answers->last<Nack>()->expected, 5U);
  EXPECT_TRUE(store().samples().gaps().value().empty());
}

TEST_F(HubTest, AGapReasonThatIsNoWordIsNotRepeated) {
  const SimulatedAgent agent = agent_with(3);
  const auto connection = connect({agent.offer()});
  connection.session->submit(agent.gap(1, 2, "<script>\n"));
  settle();
  EXPECT_EQ(store().samples().gaps().value()[0].reason, "unspecified");
}

TEST_F(HubTest, AGapReasonThatIsTooLongEndsTheSession) {
  const SimulatedAgent agent = agent_with(3);
  const auto connection = connect({agent.offer()});
  connection.session->submit(agent.gap(1, 1, std::string(64, 'a')));
  connection.session->submit(agent.gap(2, 2, std::string(65, 'a')));
  settle();
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kInvalidArgument);
  const auto gaps = store().samples().gaps().value();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].reason, std::string(64, 'a'));
}

TEST_F(HubTest, AHubThatLostItsDataIsBroughtForwardByAGap) {
  const SimulatedAgent agent = agent_with(6);
  const auto connection = connect({agent.offer()});
  connection.session->submit(agent.gap(1, 4, "trimmed_before_restore"));
  send(connection, agent.batch(5, 6));
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 6U);
  // Its dictionary is gone with the data: refused by name, not stored somewhere.
  EXPECT_EQ(connection.answers->last<Ack>()->refusals[0].samples[0].code, "unknown_metric");
}

struct BrokenCase {
  const char* name;
  std::function<void(RecordBatch&)> spoil;
};
class BrokenBatch : public HubTest, public ::testing::WithParamInterface<BrokenCase> {};

TEST_P(BrokenBatch, EndsTheSessionAndStoresNothing) {
  const SimulatedAgent agent = agent_with(4);
  const auto connection = connect({agent.offer()});
  RecordBatch batch = agent.all();
  GetParam().spoil(batch);
  send(connection, std::move(batch));
  ASSERT_TRUE(connection.answers->last<Closed>()) << GetParam().name;
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kInvalidArgument);
  send(connection, agent.all());  // void: the session is over
  EXPECT_TRUE(connection.answers->all<Ack>().empty());
  EXPECT_TRUE(values("temperature").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, BrokenBatch,
    ::testing::Values(BrokenCase{"base_seq 0", [](RecordBatch& b) { b.base_seq = 0; }},
                      BrokenCase{"overflow", [](RecordBatch& b) { b.base_seq = UINT64_MAX - 1; }},
                      BrokenCase{"no records", [](RecordBatch& b) { b.records.clear(); }},
                      BrokenCase{"crc", [](RecordBatch& b) { b.crc32c ^= 1; }},
                      BrokenCase{"changed record", [](RecordBatch& b) { b.records[1] += 'x'; }},
                      BrokenCase{"chain", [](RecordBatch& b) { b.chain_end ^= 1; }},
                      BrokenCase{"too many samples", [](RecordBatch& b) {
                                   SimulatedAgent large(epoch_named(1));
                                   for (int i = 0; i < 17; ++i) {
                                     large.scalars(1, std::vector<std::int64_t>(4096, kNowUs),
                                                   std::vector<double>(4096, 1.0));
                                   }
                                   b = large.all();
                                 }}));

TEST_F(HubTest, ImpossibleGapsEndTheSession) {
  const SimulatedAgent agent = agent_with(3);
  for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 1}, {2, 1}, {1, UINT64_MAX}, {1, 2'000'000'000'000}}) {
    const auto connection = connect({agent.offer()});
    connection.session->submit(agent.gap(from, to));
    settle();
    ASSERT_TRUE(connection.answers->last<Closed>()) << from << ".." << to;
    EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(store().samples().gaps().value().empty());
}

TEST_F(HubTest, AnotherPastOfTheSameEpochIsAForkAndTheNextWelcomeSaysSo) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  SimulatedAgent twin(epoch_named(1));
  twin.define(1, "temperature");
  for (int i = 1; i < 6; ++i) twin.scalars(1, {kNowUs + i}, {100.0 + i});
  const auto connection = connect({twin.offer()});
  send(connection, twin.batch(5, 6));
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(connect({twin.offer()}).answers->last<Welcome>()->epochs[0].state.forked);
  EXPECT_EQ(events("journal_forked").size(), 1U);
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubTest, AHelloThatShowsAnotherPastIsAForkAtOnce) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  EpochOffer rolled_back = agent.offer();
  rolled_back.next_seq = 3;
  EXPECT_TRUE(connect({rolled_back}).answers->last<Welcome>()->epochs[0].state.forked);
}

TEST_F(HubTest, AHelloThatShowsTheSamePastIsNoFork) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.batch(1, 3));
  EpochOffer offer = agent.offer();
  offer.chain_at = {{1, agent.chain_at(1)}, {3, agent.chain_at(3)}};
  EXPECT_FALSE(connect({offer}).answers->last<Welcome>()->epochs[0].state.forked);
  offer.chain_at = {{3, agent.chain_at(3) ^ 1}};
  EXPECT_TRUE(connect({offer}).answers->last<Welcome>()->epochs[0].state.forked);
}

TEST_F(HubTest, AMovedRecordIsStoredUnlessItsEpochHadIt) {
  const SimulatedAgent old = agent_with(5);
  send(connect({old.offer()}), old.batch(1, 3));
  SimulatedAgent next(epoch_named(2));
  next.define(1, "temperature");
  next.scalars(1, {kNowUs + 100}, {100});
  for (const std::uint64_t seq : {3, 4, 5}) next.write(old.moved(seq));
  const auto connection = connect({old.offer(), next.offer(old.epoch())});
  messages.clear();
  send(connection, next.all());
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 5U);
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3, 4, 100}));
  ASSERT_EQ(messages.size(), 1U);  // record 3 was not stored a second time
  EXPECT_EQ(std::get<SamplesStored>(*messages[0]).scalars[0].samples.value,
            (std::vector<double>{100, 3, 4}));
  // Moved again, by an agent that did not see the acknowledgement: nothing is stored again.
  SimulatedAgent third(epoch_named(3));
  third.define(1, "temperature");
  for (const std::uint64_t seq : {4, 5}) third.write(old.moved(seq));
  third.write(next.moved(5));
  messages.clear();
  send(connect({next.offer(), third.offer(next.epoch())}), third.all());
  EXPECT_TRUE(messages.empty());
}

TEST_F(HubTest, AMovedRecordOfAForkedEpochIsStoredAlthoughItsNumberIsTaken) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  SimulatedAgent twin(epoch_named(1));
  twin.define(1, "temperature");
  twin.scalars(1, {kNowUs + 50}, {50});
  SimulatedAgent next(epoch_named(2));
  next.define(1, "temperature");
  next.write(twin.moved(2, true));
  send(connect({next.offer(agent.epoch())}), next.all());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3, 50}));
}

TEST_F(HubTest, AMovedRecordFindsItsMetricInTheDictionaryOfItsOldEpoch) {
  const SimulatedAgent old = agent_with(3);
  send(connect({old.offer()}), old.batch(1, 2));
  SimulatedAgent next(epoch_named(2));
  next.write(old.moved(3));
  send(connect({next.offer(old.epoch())}), next.all());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2}));
}

TEST_F(HubTest, ANewerConnectionOfTheSameStreamFencesTheOlder) {
  const SimulatedAgent agent = agent_with(6);
  const auto first = connect({agent.offer()});
  send(first, agent.batch(1, 2));
  const auto second = connect({agent.offer()});
  ASSERT_TRUE(first.answers->last<Closed>());
  EXPECT_EQ(first.answers->last<Closed>()->error.code, ErrorCode::kAborted);
  send(first, agent.batch(3, 4));
  EXPECT_EQ(values("temperature").size(), 1U);
  send(second, agent.batch(3, 6));
  EXPECT_EQ(values("temperature").size(), 5U);
}

TEST_F(HubTest, AConnectionFencedThroughTheStoreStoresNothing) {
  const SimulatedAgent agent = agent_with(4);
  const auto connection = connect({agent.offer()});
  // Another process took the stream over; this hub learns it from the store.
  ASSERT_TRUE(store().samples().open_session({device(), StreamClass::kTelemetry}, 42));
  send(connection, agent.all());
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kAborted);
  EXPECT_TRUE(values("temperature").empty());
}

TEST_F(HubTest, AStreamThatAnotherProcessAdvancedIsReadAgain) {
  const SimulatedAgent agent = agent_with(5);
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 2));
  const StreamKey key{device(), StreamClass::kTelemetry};
  const EpochId id = store().samples().newest_epoch(key).value().value();
  Append elsewhere;
  elsewhere.advance = EpochAdvance{key, id, connection.answers->last<Welcome>()->session_token,
                                   3,   3,  agent.chain_at(3),
                                   0,   {}, {}};
  ASSERT_TRUE(store().samples().append(std::span(&elsewhere, 1))[0]);
  send(connection, agent.batch(3, 4));
  EXPECT_EQ(connection.answers->last<Nack>()->expected, 4U);
  send(connection, agent.batch(4, 5));
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 5U);
}

TEST_F(HubTest, AnotherDevicesEpochIsAnEpochOfOnesOwn) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  SimulatedAgent intruder(epoch_named(1));
  intruder.define(1, "temperature", "000002");
  intruder.scalars(1, {kNowUs}, {666});
  const auto connection = connect({intruder.offer()}, device_principal("100000", "000002"));
  EXPECT_FALSE(connection.answers->last<Welcome>()->epochs[0].known);
  send(connection, intruder.all());
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 2U);
  EXPECT_EQ(values("temperature", "000002"), (std::vector<double>{666}));
  EXPECT_EQ(values("temperature", "000001"), (std::vector<double>{1, 2, 3}));
}

TEST_F(HubTest, TenantsShareNothing) {
  const SimulatedAgent agent = agent_with(4);
  send(connect({agent.offer()}), agent.all());
  const auto other = connect({agent.offer()}, device_principal("100001"));
  EXPECT_FALSE(other.answers->last<Welcome>()->epochs[0].known);
  EXPECT_TRUE(values("temperature", "000001", "100001").empty());
  send(other, agent.batch(1, 2));
  EXPECT_EQ(values("temperature", "000001", "100001").size(), 1U);
  EXPECT_EQ(values("temperature").size(), 3U);
}

TEST_F(HubTest, OnlyADeviceOpensASession) {
  const auto answers = std::make_shared<RecordingListener>();
  const Principal user{Role::kEngineer, tenant(), std::nullopt, "anna", false};
  EXPECT_EQ(hub->open_session(user, answers).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(hub->open_session(device_principal("999999"), answers).error().code,
            ErrorCode::kNotFound);
}

TEST_F(HubTest, ADeviceThatIsNotRegisteredIsTurnedAway) {
  const auto connection = connect({}, device_principal("100000", "000009"));
  ASSERT_TRUE(connection.answers->last<Closed>());
  EXPECT_EQ(connection.answers->last<Closed>()->error.code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace millwright::ingest::testing
