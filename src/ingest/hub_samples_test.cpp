// What happens to each sample, and what follows a commit.

#include <future>
#include <limits>

#include "ingest/testing/hub_fixture.h"
#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::ingest::testing {
namespace {

std::vector<std::string> codes(const Ack& ack) {
  std::vector<std::string> out;
  for (const auto& record : ack.refusals) {
    for (const auto& sample : record.samples) out.push_back(sample.code);
  }
  return out;
}

TEST_F(HubTest, BadSamplesAreRefusedByNameAndTheGoodOnesOfTheRecordAreStored) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  agent.scalars(1, {kNowUs, kNowUs + 1, -1, kNowUs + 2, kNowUs + 299'000'000, kNowUs + 301'000'000},
                {1, nan, 3, -infinity, 5, 6});
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  const auto ack = connection.answers->last<Ack>();
  ASSERT_EQ(ack->refusals.size(), 1U);
  EXPECT_EQ(ack->refusals[0].seq, 2U);
  EXPECT_EQ(codes(*ack), (std::vector<std::string>{"not_finite", "before_1970", "not_finite",
                                                   "in_future_quarantined"}));
  EXPECT_EQ(ack->refusals[0].samples[0].index, 1U);
  EXPECT_EQ(ack->refusals[0].samples[3].index, 5U);
  EXPECT_FALSE(ack->refusals[0].samples[0].message.empty());
  EXPECT_TRUE(ack->refusals[0].samples[2].message.empty());  // told already
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 5}));
  EXPECT_EQ(store().samples().quarantined_count().value(), 1U);
  EXPECT_EQ(events("quarantined").size(), 1U);
}

TEST_F(HubTest, RefusalsAreToldAgainWhenTheRecordIsAcknowledgedAgain) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.scalars(1, {-5}, {1});
  agent.scalars(1, {-6}, {1});
  send(connect({agent.offer()}), agent.batch(1, 2));
  hub.reset();
  start_hub({});
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 2));
  const auto again = connection.answers->last<Ack>();
  ASSERT_EQ(again->refusals.size(), 1U);
  EXPECT_EQ(again->refusals[0].seq, 2U);
  EXPECT_EQ(again->refusals[0].samples[0].code, "before_1970");
  EXPECT_EQ(again->refusals[0].samples[0].message, "the timestamp lies before 1970");
}

TEST_F(HubTest, ADictionaryEntryThatIsRefusedPoisonsItsReferenceOnly) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.define(2, "bad metric!");
  agent.define(3, "pressure", "000002");  // another device of the tenant
  agent.define(4, "spectrum", "000001", 3);
  agent.define(5, "temperature", "000001", 2);  // exists as a scalar
  for (std::uint32_t reference = 1; reference <= 6; ++reference) {
    agent.scalars(reference, {kNowUs + reference}, {static_cast<double>(reference)});
  }
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  EXPECT_EQ(codes(*connection.answers->last<Ack>()),
            (std::vector<std::string>{"invalid_identifier", "foreign_device", "unsupported_kind",
                                      "type_conflict", "invalid_identifier", "foreign_device",
                                      "unsupported_kind", "type_conflict", "unknown_metric"}));
  EXPECT_EQ(values("temperature"), (std::vector<double>{1}));
  EXPECT_TRUE(values("pressure", "000002").empty());
}

TEST_F(HubTest, AReferenceRedefinedByABadEntryDoesNotKeepItsOldMeaningAfterARestart) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.define(1, "bad metric!");
  agent.scalars(1, {kNowUs}, {1});
  send(connect({agent.offer()}), agent.batch(1, 2));
  hub.reset();
  start_hub({});
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(3, 3));
  EXPECT_EQ(codes(*connection.answers->last<Ack>()), std::vector<std::string>{"unknown_metric"});
  EXPECT_TRUE(values("temperature").empty());
}

TEST_F(HubTest, ALaterEntryWithTheSameReferenceReplacesItFromThereOn) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.scalars(1, {kNowUs}, {1});
  agent.define(1, "pressure", "000001", 1, "bar");
  agent.scalars(1, {kNowUs}, {2});
  send(connect({agent.offer()}), agent.all());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1}));
  EXPECT_EQ(values("pressure"), (std::vector<double>{2}));
  EXPECT_EQ(metric("pressure")->unit, "bar");
}

TEST_F(HubTest, AColumnOfSeveralMetricsIsStoredInEachSeries) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.define(2, "humidity");
  agent.write(
      record::Scalars{{kNowUs, kNowUs, kNowUs + 1, kNowUs + 1}, {1, 2, 1, 2}, {1, 2, 3, 4}});
  send(connect({agent.offer()}), agent.all());
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 3}));
  EXPECT_EQ(values("humidity"), (std::vector<double>{2, 4}));
}

TEST_F(HubTest, WaveformsAreStoredAsBlocksAndBadOnesAreRefusedWhole) {
  SimulatedAgent agent(epoch_named(1), StreamClass::kBulk);
  agent.define(1, "vibration.x", "000001", 2);
  const auto block = [](std::int64_t start, double rate, std::vector<float> value) {
    return record::WaveformRecord{1, Waveform{start, rate, std::move(value)}};
  };
  agent.write(block(kNowUs, 5'000, {1, 2, 3}));
  agent.write(block(kNowUs, 5'000, {1, std::numeric_limits<float>::quiet_NaN()}));
  agent.write(block(-1, 5'000, {1}));
  agent.write(block(kNowUs + 400'000'000, 5'000, {1}));
  agent.write(block(kNowUs, 1e-300, {1, 2}));
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  EXPECT_EQ(codes(*connection.answers->last<Ack>()),
            (std::vector<std::string>{"not_finite", "before_1970", "in_future_quarantined",
                                      "invalid_waveform"}));
  const auto stored =
      store().samples().waveforms(metric("vibration.x")->series, {0, kAll}, 10).value();
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].value, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(store().samples().quarantined_count().value(), 1U);
}

TEST_F(HubTest, KindsThatAreNotStoredYetAreRefusedByName) {
  v1::Record text;
  text.mutable_text()->set_metric_reference(1);
  SimulatedAgent agent(epoch_named(1));
  agent.write(text.SerializeAsString());
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  EXPECT_EQ(codes(*connection.answers->last<Ack>()), std::vector<std::string>{"unsupported_kind"});
}

TEST_F(HubTest, ARecordThatCannotBeReadIsKeptAsideAndTheStreamGoesOn) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.write("\xFF\xFF no record");
  agent.scalars(1, {kNowUs}, {1});
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  const auto quarantined = connection.answers->all<Quarantined>();
  ASSERT_EQ(quarantined.size(), 1U);
  EXPECT_EQ(quarantined[0].seq, 2U);
  EXPECT_EQ(quarantined[0].epoch, agent.epoch());
  EXPECT_EQ(connection.answers->last<Ack>()->watermark, 3U);
  EXPECT_EQ(store().samples().quarantined_count().value(), 1U);
  EXPECT_EQ(values("temperature"), (std::vector<double>{1}));
}

TEST_F(HubTest, AfterTheCommitSamplesGoOnTheBusAndTheDeviceIsActive) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.scalars(1, {kNowUs}, {1});
  const auto connection = connect({agent.offer()});
  send(connection, agent.all());
  ASSERT_EQ(messages.size(), 1U);
  const auto& stored = std::get<SamplesStored>(*messages[0]);
  EXPECT_EQ(stored.tenant, tenant());
  EXPECT_EQ(stored.scalars[0].metric.key.metric.str(), "temperature");
  EXPECT_EQ(store().catalog().device(device()).value().latest_activity, from_us(kNowUs));
}

TEST_F(HubTest, ADeviceThatIsRemovedIsRefusedUntilItIsRegisteredAgain) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  for (int i = 0; i < 3; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  const auto connection = connect({agent.offer()});
  send(connection, agent.batch(1, 2));
  const auto series = store().catalog().remove_device(device()).value();
  bus.publish(DeviceRemoved{tenant(), device()});
  ASSERT_TRUE(hub->remove_series(tenant(), series));
  EXPECT_EQ(store().samples().count(series[0], {0, kAll}).value(), 0U);
  send(connection, agent.batch(3, 3));
  EXPECT_EQ(codes(*connection.answers->last<Ack>()), std::vector<std::string>{"unknown_device"});
  ASSERT_TRUE(store().catalog().add_device(make_device("000001")));
  clock.advance(std::chrono::seconds(2));
  send(connection, agent.batch(4, 4));
  EXPECT_EQ(values("temperature"), (std::vector<double>{2}));
}

TEST_F(HubTest, AProducerWhoseRecordsWaitIsAskedToWaitAndWoken) {
  hub.reset();
  HubOptions options;
  options.session_credit_bytes = 1'000;
  options.storage_threads = 1;
  start_hub(options);
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  agent.scalars(1, std::vector<std::int64_t>(500, kNowUs), std::vector<double>(500, 1));
  const auto connection = connect({agent.offer()});
  std::promise<void> go;
  hub->run([held = go.get_future().share()] { held.wait(); });  // the only storage thread
  EXPECT_EQ(connection.session->submit(agent.all()), Flow::kWait);
  EXPECT_EQ(connection.answers->spaces(), 0);
  go.set_value();
  settle();
  EXPECT_EQ(connection.answers->spaces(), 1);
  EXPECT_EQ(connection.session->submit(agent.batch(1, 1)), Flow::kContinue);
}

UnnumberedSample legacy_sample(double value, std::optional<std::int64_t> at = kNowUs,
                               const char* device_id = "000001") {
  return {device_id, "temperature.ambient", "", value, "", "", at};
}

class UnnumberedTest : public HubTest {
 protected:
  Principal legacy{Role::kDevice, tenant(), std::nullopt, "legacy", true};
  std::optional<FirstRefusal> send_samples(std::vector<UnnumberedSample> samples) {
    std::optional<FirstRefusal> answer;
    EXPECT_TRUE(hub->append_unnumbered(legacy, tenant(), std::move(samples),
                                       [&](auto refusal) { answer = std::move(refusal); }));
    settle();
    return answer;
  }
};

TEST_F(UnnumberedTest, SamplesAreStoredAndTheirMetricIsCreated) {
  EXPECT_FALSE(send_samples({legacy_sample(1, kNowUs), legacy_sample(2, kNowUs + 1)}));
  EXPECT_EQ(values("temperature.ambient"), (std::vector<double>{1, 2}));
}

TEST_F(UnnumberedTest, TheGoodSamplesBeforeTheFirstBadOneAreStored) {
  struct Case {
    UnnumberedSample bad;
    ErrorCode code;
    const char* names;
  };
  UnnumberedSample no_metric = legacy_sample(1);
  no_metric.metric_identifier = "";
  UnnumberedSample bad_path = legacy_sample(1);
  bad_path.path = "a-b";
  UnnumberedSample control_unit = legacy_sample(1);
  control_unit.unit = "bar\n";
  UnnumberedSample control_name = legacy_sample(1);
  control_name.display_name = "a\x1B[31m";
  UnnumberedSample long_name = legacy_sample(1);
  long_name.display_name = std::string(257, 'x');
  const std::vector<Case> cases = {
      {control_unit, ErrorCode::kInvalidArgument, "unit"},
      {control_name, ErrorCode::kInvalidArgument, "display_name"},
      {long_name, ErrorCode::kInvalidArgument, "display_name is longer"},
      {legacy_sample(std::numeric_limits<double>::quiet_NaN()), ErrorCode::kInvalidArgument,
       "value"},
      {legacy_sample(1, -1), ErrorCode::kInvalidArgument, "1970"},
      {legacy_sample(1, kNowUs + 301'000'000), ErrorCode::kInvalidArgument, "5 minutes ahead"},
      {legacy_sample(1, std::nullopt), ErrorCode::kInvalidArgument, "timestamp"},
      {legacy_sample(1, kNowUs, "1"), ErrorCode::kInvalidArgument, "device"},
      {legacy_sample(1, kNowUs, "000009"), ErrorCode::kNotFound, "000009"},
      {no_metric, ErrorCode::kInvalidArgument, "metric"},
      {bad_path, ErrorCode::kInvalidArgument, "path"}};
  std::int64_t at = kNowUs;
  for (const Case& c : cases) {
    const auto refusal = send_samples({legacy_sample(1, ++at), c.bad, legacy_sample(3, ++at)});
    ASSERT_TRUE(refusal) << c.names;
    EXPECT_EQ(refusal->index, 1U);
    EXPECT_EQ(refusal->error.code, c.code);
    EXPECT_NE(refusal->error.message.find(c.names), std::string::npos) << refusal->error.message;
  }
  EXPECT_EQ(values("temperature.ambient").size(), cases.size());
}

TEST_F(UnnumberedTest, ADeviceIsKnownAsSoonAsItIsRegistered) {
  ASSERT_TRUE(send_samples({legacy_sample(1, kNowUs, "000009")}));
  const auto turned_away = connect({}, device_principal("100000", "000009"));
  EXPECT_TRUE(turned_away.answers->last<Closed>());
  ASSERT_TRUE(store().catalog().add_device(make_device("000009")));
  EXPECT_FALSE(send_samples({legacy_sample(1, kNowUs, "000009")}));
  EXPECT_TRUE(connect({}, device_principal("100000", "000009")).answers->last<Welcome>());
}

TEST_F(UnnumberedTest, AnotherTenantIsNotReached) {
  const auto refused =
      hub->append_unnumbered(legacy, tenant("100001"), {legacy_sample(1)}, [](auto) {});
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  const auto foreign = hub->append_unnumbered(device_principal("100000", "000002"), tenant(),
                                              {legacy_sample(1)}, [](auto) {});
  EXPECT_EQ(foreign.error().code, ErrorCode::kPermissionDenied);
  settle();
  EXPECT_TRUE(values("temperature.ambient").empty());
}

}  // namespace
}  // namespace millwright::ingest::testing
