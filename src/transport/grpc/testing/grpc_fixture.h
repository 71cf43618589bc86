#pragma once
/// A real server on a free port of loopback, over tenants in memory, and blocking clients.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "hub.grpc.pb.h"
#include "ingest/testing/simulated_agent.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "millwright/ingest/v1/ingest.grpc.pb.h"
#include "storage/memory/memory_tenant_directory.h"
#include "transport/grpc/grpc_server.h"
#include "transport/grpc/testing/fake_identity.h"

namespace millwright::testing {

namespace v1 = millwright::ingest::v1;
inline constexpr std::int64_t kNowUs = 1'800'000'000'000'000;

/// A client's stream; its calls block.
struct ClientStream {
  std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
  std::unique_ptr<grpc::ClientReaderWriter<v1::ClientMessage, v1::ServerMessage>> call;

  v1::ServerMessage read() {
    v1::ServerMessage message;
    EXPECT_TRUE(call->Read(&message));
    return message;
  }
  /// Reads to the end and answers the status.
  grpc::Status status() {
    v1::ServerMessage message;
    while (call->Read(&message)) {
    }
    return call->Finish();
  }
};

class GrpcTest : public ::testing::Test {
 protected:
  GrpcTest() {
    for (const char* name : {"100000", "100001"}) {
      const TenantId tenant = TenantId::parse(name).value();
      EXPECT_TRUE(directory.create(tenant));
      Device device{DeviceId::parse("000001").value(),
                    "",
                    "UTC",
                    {},
                    {},
                    "",
                    "",
                    DeviceStatus::kUnknown,
                    {},
                    {}};
      EXPECT_TRUE(directory.open_for_service(tenant).value()->catalog().add_device(device));
    }
    options.addresses = {"127.0.0.1:0"};
    options.legacy_addresses = {"127.0.0.1:0"};
    options.legacy_tenants = {TenantId::parse("100000").value()};
    options.tick = std::chrono::milliseconds(5);
    start();
  }

  void start() {
    server = std::make_unique<GrpcServer>(
        options, hub, identity, directory,
        [this](const Principal& principal, const TenantId& tenant, const DeviceId& device,
               DeviceStatus status, Timestamp at) -> Result<> {
          const std::lock_guard lock(mutex);
          if (status == DeviceStatus::kError) return not_found("refused by the test");
          statuses.push_back(tenant.str() + '/' + device.str() + ' ' +
                             std::string(to_string(status)) + ' ' + std::to_string(to_us(at)) +
                             (principal.legacy ? " legacy" : ""));
          return {};
        },
        clock, telemetry);
    ASSERT_TRUE(server->start());
    channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()),
                                  grpc::InsecureChannelCredentials());
    stub = v1::Ingest::NewStub(channel);
    legacy = ::Hub::NewStub(channel);
  }

  ClientStream open(const std::string& token = "100000/000001") {
    ClientStream out;
    out.context->AddMetadata("authorization", "Bearer " + token);
    out.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    out.call = stub->Stream(out.context.get());
    return out;
  }
  ClientStream open_with_hello(const ingest::testing::SimulatedAgent& agent,
                               const std::string& token = "100000/000001") {
    ClientStream out = open(token);
    EXPECT_TRUE(out.call->Write(hello(agent)));
    EXPECT_TRUE(out.read().has_welcome());
    return out;
  }

  static std::string bytes(const EpochId& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
  }
  static v1::ClientMessage hello(const ingest::testing::SimulatedAgent& agent) {
    v1::ClientMessage message;
    message.mutable_hello()->add_proto_versions(1);
    auto& offer = *message.mutable_hello()->add_epochs();
    offer.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
    offer.set_epoch(bytes(agent.epoch()));
    offer.set_first_seq(1);
    offer.set_next_seq(agent.next_seq());
    return message;
  }
  static v1::ClientMessage batch(const ingest::RecordBatch& from) {
    v1::ClientMessage message;
    auto& to = *message.mutable_batch();
    to.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
    to.set_epoch(bytes(from.epoch));
    to.set_base_seq(from.base_seq);
    for (const std::string& record : from.records) to.add_records(record);
    to.set_chain_end(from.chain_end);
    to.set_crc32c(from.crc32c);
    return message;
  }

  std::vector<double> values(const char* metric_id, const char* tenant = "100000") {
    auto& store = *directory.open_for_service(TenantId::parse(tenant).value()).value();
    const auto all =
        store.catalog().metrics(DeviceId::parse("000001").value(), Path::parse("").value()).value();
    for (const Metric& metric : all) {
      if (metric.key.metric.str() != metric_id) continue;
      return store.samples().read(metric.series, {INT64_MIN, INT64_MAX}, 1'000'000).value().value;
    }
    return {};
  }

  MemoryTenantDirectory directory;
  InprocessBus bus;
  ManualClock clock{from_us(kNowUs)};
  telemetry::Telemetry telemetry;
  FakeIdentity identity;
  ingest::Hub hub{directory, bus, clock, telemetry};
  std::mutex mutex;
  std::vector<std::string> statuses;  // guarded by mutex
  GrpcServerOptions options;
  std::unique_ptr<GrpcServer> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Ingest::Stub> stub;
  std::unique_ptr<::Hub::Stub> legacy;
};

}  // namespace millwright::testing
