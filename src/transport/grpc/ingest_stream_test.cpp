#include <grpcpp/generic/generic_stub.h>

#include <random>

#include "transport/grpc/testing/grpc_fixture.h"

namespace millwright::testing {
namespace {

using ingest::testing::epoch_named;
using ingest::testing::SimulatedAgent;

SimulatedAgent agent_with(int records) {
  SimulatedAgent agent(epoch_named(1));
  agent.define(1, "temperature");
  for (int i = 1; i < records; ++i) agent.scalars(1, {kNowUs + i}, {static_cast<double>(i)});
  return agent;
}

v1::ClientMessage heartbeat() {
  v1::ClientMessage message;
  message.mutable_heartbeat()->mutable_clock()->set_wall_us(42);
  return message;
}

TEST_F(GrpcTest, ATokenIsGivenForTheSecretOnly) {
  v1::GetTokenRequest request;
  request.set_tenant_identifier("100000");
  request.set_device_identifier("000001");
  request.set_device_secret("secret");
  v1::GetTokenResponse response;
  grpc::ClientContext right;
  ASSERT_TRUE(stub->GetToken(&right, request, &response).ok());
  EXPECT_EQ(response.token(), "100000/000001");
  EXPECT_EQ(response.expires_at_us(), 1);
  request.set_device_secret("guess");
  grpc::ClientContext wrong;
  EXPECT_EQ(stub->GetToken(&wrong, request, &response).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  request.set_device_identifier("x");
  grpc::ClientContext invalid;
  EXPECT_EQ(stub->GetToken(&invalid, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcTest, RecordsAreStoredBeforeTheyAreAcknowledged) {
  const SimulatedAgent agent = agent_with(4);
  ClientStream stream = open_with_hello(agent);
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  const auto answer = stream.read();
  ASSERT_TRUE(answer.has_ack());
  EXPECT_EQ(answer.ack().watermark(), 4U);
  EXPECT_EQ(answer.ack().epoch(), bytes(agent.epoch()));
  EXPECT_EQ(values("temperature"), (std::vector<double>{1, 2, 3}));
  stream.call->WritesDone();
  EXPECT_TRUE(stream.status().ok());
}

TEST_F(GrpcTest, MessagesKeepTheirOrderAndAreAnsweredBeforeTheEnd) {
  const SimulatedAgent agent = agent_with(400);
  ClientStream stream = open_with_hello(agent);
  std::uint64_t watermark = 0;
  std::thread reader([&] {
    v1::ServerMessage message;
    while (stream.call->Read(&message)) {
      EXPECT_TRUE(message.has_ack()) << message.ShortDebugString();
      watermark = message.ack().watermark();
    }
  });
  for (std::uint64_t seq = 1; seq <= 400; ++seq) {
    EXPECT_TRUE(stream.call->Write(batch(agent.batch(seq, seq))));
  }
  stream.call->WritesDone();
  reader.join();
  EXPECT_EQ(watermark, 400U);
  EXPECT_TRUE(stream.call->Finish().ok());
}

TEST_F(GrpcTest, RefusalsNacksAndQuarantinedRecordsAreToldOnTheWire) {
  SimulatedAgent agent = agent_with(2);
  agent.write("no record");
  agent.scalars(9, {kNowUs}, {1});
  ClientStream stream = open_with_hello(agent);
  ASSERT_TRUE(stream.call->Write(batch(agent.batch(3, 4))));
  const auto nack = stream.read();
  ASSERT_TRUE(nack.has_nack());
  EXPECT_EQ(nack.nack().expected(), 1U);
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  const auto quarantined = stream.read();
  ASSERT_TRUE(quarantined.has_quarantined());
  EXPECT_EQ(quarantined.quarantined().seq(), 3U);
  const auto ack = stream.read();
  ASSERT_EQ(ack.ack().refusals_size(), 2);
  EXPECT_EQ(ack.ack().refusals(1).seq(), 4U);
  EXPECT_EQ(ack.ack().refusals(1).samples(0).code(), "unknown_metric");
}

TEST_F(GrpcTest, AHeartbeatIsAnsweredWithTheServersClockAndAnEcho) {
  ClientStream stream = open_with_hello(agent_with(1));
  ASSERT_TRUE(stream.call->Write(heartbeat()));
  const auto answer = stream.read();
  ASSERT_TRUE(answer.has_heartbeat());
  EXPECT_EQ(answer.heartbeat().clock().wall_us(), kNowUs);
  EXPECT_EQ(answer.heartbeat().echo().wall_us(), 42);
}

TEST_F(GrpcTest, AStatusReachesDeviceManagementAndAForeignOneIsAProblem) {
  ClientStream stream = open_with_hello(agent_with(1));
  v1::ClientMessage message;
  auto& status = *message.mutable_status();
  status.set_device_identifier("000001");
  status.set_status(10);
  status.set_timestamp_us(kNowUs);
  ASSERT_TRUE(stream.call->Write(message));
  for (const auto& [device, number] :
       std::vector<std::pair<const char*, int>>{{"000002", 10}, {"000001", 11}, {"000001", 30}}) {
    status.set_device_identifier(device);
    status.set_status(number);
    ASSERT_TRUE(stream.call->Write(message));
    const auto answer = stream.read();
    ASSERT_TRUE(answer.has_problem()) << device << ' ' << number;
    EXPECT_EQ(answer.problem().code(), "status_refused");
    EXPECT_FALSE(answer.problem().message().empty());
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(statuses, std::vector<std::string>{"100000/000001 online 1800000000000000"});
}

TEST_F(GrpcTest, WithoutAValidTokenNoStreamBegins) {
  EXPECT_EQ(open("nonsense").status().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  ClientStream without;
  without.call = stub->Stream(without.context.get());
  EXPECT_EQ(without.status().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  ClientStream basic;
  basic.context->AddMetadata("authorization", "Basic abc");
  basic.call = stub->Stream(basic.context.get());
  EXPECT_EQ(basic.status().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(GrpcTest, BrokenConversationsEndWithAReason) {
  const SimulatedAgent agent = agent_with(2);
  struct Case {
    const char* name;
    std::vector<v1::ClientMessage> messages;
    grpc::StatusCode code;
  };
  v1::ClientMessage old_version = hello(agent);
  old_version.mutable_hello()->set_proto_versions(0, 7);
  v1::ClientMessage many_epochs = hello(agent);
  for (int i = 0; i < 64; ++i) {
    *many_epochs.mutable_hello()->add_epochs() = many_epochs.hello().epochs(0);
  }
  v1::ClientMessage short_epoch = hello(agent);
  short_epoch.mutable_hello()->mutable_epochs(0)->set_epoch("short");
  v1::ClientMessage twice = hello(agent);
  *twice.mutable_hello()->add_epochs() = twice.hello().epochs(0);
  v1::ClientMessage backwards = hello(agent);
  backwards.mutable_hello()->mutable_epochs(0)->set_first_seq(agent.next_seq() + 1);
  v1::ClientMessage no_class = batch(agent.all());
  no_class.mutable_batch()->set_stream_class(v1::STREAM_CLASS_UNSPECIFIED);
  v1::ClientMessage bad_crc = batch(agent.all());
  bad_crc.mutable_batch()->set_crc32c(1);
  v1::ClientMessage bad_gap;
  bad_gap.mutable_gap()->set_stream_class(v1::STREAM_CLASS_TELEMETRY);
  bad_gap.mutable_gap()->set_epoch(bytes(agent.epoch()));
  bad_gap.mutable_gap()->set_from_seq(5);
  bad_gap.mutable_gap()->set_to_seq(4);
  v1::ClientMessage foreign_token;
  foreign_token.mutable_token_refresh()->set_token("100001/000001");
  v1::ClientMessage invalid_token;
  invalid_token.mutable_token_refresh()->set_token("nonsense");
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  const std::vector<Case> cases = {
      {"batch first", {batch(agent.all())}, invalid},
      {"two hellos", {hello(agent), hello(agent)}, invalid},
      {"old version", {old_version}, grpc::StatusCode::FAILED_PRECONDITION},
      {"65 epochs", {many_epochs}, invalid},
      {"short epoch", {short_epoch}, invalid},
      {"epoch twice", {twice}, invalid},
      {"first_seq above next_seq", {backwards}, invalid},
      {"no class", {hello(agent), no_class}, invalid},
      {"wrong crc", {hello(agent), bad_crc}, invalid},
      {"gap backwards", {hello(agent), bad_gap}, invalid},
      {"foreign token", {hello(agent), foreign_token}, grpc::StatusCode::PERMISSION_DENIED},
      {"invalid token", {hello(agent), invalid_token}, grpc::StatusCode::UNAUTHENTICATED}};
  for (const Case& c : cases) {
    ClientStream stream = open();
    for (const auto& message : c.messages) stream.call->Write(message);
    const grpc::Status status = stream.status();
    EXPECT_EQ(status.error_code(), c.code) << c.name << ": " << status.error_message();
    EXPECT_FALSE(status.error_message().empty()) << c.name;
  }
  EXPECT_TRUE(values("temperature").empty());
}

/// Sends one message of raw bytes after Hello and answers the status of the stream.
grpc::Status send_raw(const std::shared_ptr<grpc::Channel>& channel, const std::string& first,
                      const std::string& raw) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer 100000/000001");
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto call = stub.PrepareCall(&context, "/millwright.ingest.v1.Ingest/Stream", &queue);
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  for (const std::string* bytes : {&first, &raw}) {
    const grpc::Slice slice(*bytes);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    queue.Next(&tag, &ok);
  }
  call->WritesDone(nullptr);
  queue.Next(&tag, &ok);
  // A status arrives only after the answers before it were read.
  for (ok = true; ok;) {
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    queue.Next(&tag, &ok);
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status;
}

TEST_F(GrpcTest, BytesThatAreNoMessageAreAnInvalidArgument) {
  const std::string first = hello(agent_with(1)).SerializeAsString();
  for (const std::string& raw : {std::string("\xFF\xFF\xFF\xFF"), std::string("\x12\x7F truncated"),
                                 std::string("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F")}) {
    EXPECT_EQ(send_raw(channel, first, raw).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST_F(GrpcTest, MutatedBatchesNeverStoreAnythingThatWasNotSent) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const SimulatedAgent agent = agent_with(4);
  const std::string first = hello(agent).SerializeAsString();
  const std::string original = batch(agent.all()).SerializeAsString();
  for (int round = 0; round < 300; ++round) {
    std::string raw = original;
    if (random() % 2 == 0) {
      raw.resize(random() % raw.size());
    } else {
      raw[random() % raw.size()] ^= static_cast<char>(1U << (random() % 8));
    }
    send_raw(channel, first, raw);
  }
  ASSERT_TRUE(hub.drain(std::chrono::seconds(20)));
  for (const double value : values("temperature")) {
    EXPECT_TRUE(value == 1 || value == 2 || value == 3) << value;
  }
  // And the stream is as usable as before, whatever reached the store.
  ClientStream stream = open_with_hello(agent);
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  EXPECT_TRUE(stream.read().has_ack());
}

TEST_F(GrpcTest, AMessageOverTheLimitIsRefused) {
  ClientStream stream = open_with_hello(agent_with(1));
  v1::ClientMessage message;
  message.mutable_token_refresh()->set_token(std::string(4 * 1024 * 1024, 'x'));
  stream.call->Write(message);
  EXPECT_EQ(stream.status().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcTest, ASilentStreamIsClosedAfterThreeMissedHeartbeats) {
  ClientStream silent = open_with_hello(agent_with(1));
  clock.advance(std::chrono::seconds(31));
  EXPECT_EQ(silent.status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(GrpcTest, AWithdrawnTokenEndsItsStreamAndARefreshedOneKeepsIt) {
  ClientStream ended = open_with_hello(agent_with(1));
  ClientStream other = open_with_hello(agent_with(1), "100001/000001");
  identity.withdraw("100000/000001");
  clock.advance(std::chrono::seconds(6));
  EXPECT_EQ(ended.status().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  ASSERT_TRUE(other.call->Write(heartbeat()));
  EXPECT_TRUE(other.read().has_heartbeat());
}

TEST_F(GrpcTest, ADeviceHasAtMostEightStreams) {
  std::vector<ClientStream> streams;
  for (int i = 0; i < 8; ++i) {
    v1::ClientMessage empty;
    empty.mutable_hello()->add_proto_versions(1);
    streams.push_back(open());
    ASSERT_TRUE(streams.back().call->Write(empty));
    ASSERT_TRUE(streams.back().read().has_welcome());
  }
  const grpc::Status refused = open().status();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(refused.error_details().find("google.rpc.RetryInfo"), std::string::npos);
  ClientStream other = open_with_hello(agent_with(1), "100001/000001");
  EXPECT_TRUE(other.call->Write(heartbeat()));
}

TEST_F(GrpcTest, ANewerStreamOfAnAgentEndsTheOlder) {
  ClientStream first = open_with_hello(agent_with(1));
  ClientStream second = open_with_hello(agent_with(1));
  EXPECT_EQ(first.status().error_code(), grpc::StatusCode::ABORTED);
  ASSERT_TRUE(second.call->Write(heartbeat()));
  EXPECT_TRUE(second.read().has_heartbeat());
}

TEST_F(GrpcTest, ADeviceOfAnotherTenantWritesToItsOwnOnly) {
  const SimulatedAgent agent = agent_with(2);
  ClientStream stream = open_with_hello(agent, "100001/000001");
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  EXPECT_TRUE(stream.read().has_ack());
  EXPECT_TRUE(values("temperature", "100000").empty());
  EXPECT_EQ(values("temperature", "100001").size(), 1U);
}

TEST_F(GrpcTest, StoppingAnswersWhatCameInAndThenEndsTheStreams) {
  const SimulatedAgent agent = agent_with(4);
  ClientStream stream = open_with_hello(agent);
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  ASSERT_TRUE(stream.read().has_ack());
  std::thread stopping([this] { server->stop(); });
  EXPECT_EQ(stream.status().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
  EXPECT_EQ(values("temperature").size(), 3U);
}

TEST_F(GrpcTest, ATakenAddressIsNamed) {
  GrpcServerOptions taken;
  taken.addresses = {"127.0.0.1:" + std::to_string(server->port())};
  GrpcServer second(taken, hub, identity, directory, {}, clock, telemetry);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(taken.addresses[0]), std::string::npos);
}

TEST_F(GrpcTest, CallsAndSamplesAreCounted) {
  const SimulatedAgent agent = agent_with(4);
  ClientStream stream = open_with_hello(agent);
  ASSERT_TRUE(stream.call->Write(batch(agent.all())));
  ASSERT_TRUE(stream.read().has_ack());
  stream.call->WritesDone();
  ASSERT_TRUE(stream.status().ok());
  server->stop();
  const std::string text = telemetry.exposition();
  EXPECT_NE(text.find("millwright_samples_stored_total 3"), std::string::npos) << text;
  EXPECT_NE(text.find("millwright_grpc_calls_total{code=\"OK\",method=\"Stream\"} 1"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace millwright::testing
