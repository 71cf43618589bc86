/// hub.ingest_samples_per_s: samples a second from edge agents through gRPC into the embedded
/// store, each durable before it is acknowledged. disk.fdatasync_p50_ms of the same folder beside
/// it.
///
/// Four agents with 100 metrics each send what a backlog looks like: records of 2,500 samples, ten
/// to a message, at most 8 MiB unacknowledged. Records are made before the clock starts, so that
/// the agents' own work does not count; their sockets do.
///
///   hub_ingest_bench [SAMPLES [FOLDER]]    default: 6,000,000 in the system's temporary folder

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>

#include "figures.h"
#include "ingest/testing/simulated_agent.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "millwright/ingest/v1/ingest.grpc.pb.h"
#include "storage/sqlite/sqlite_tenant_directory.h"
#include "transport/grpc/grpc_server.h"
#include "transport/grpc/testing/fake_identity.h"

namespace millwright {
namespace {

namespace v1 = millwright::ingest::v1;
using bench::must;
using bench::Steady;

constexpr int kAgents = 4;
constexpr int kMetrics = 100;
constexpr int kSamplesPerRecord = 2'500;
constexpr int kRecordsPerMessage = 10;

/// One agent's backlog as messages that are ready to be sent.
struct Backlog {
  std::string device;
  std::vector<v1::ClientMessage> messages;
  std::uint64_t last_seq = 0;

  Backlog(int number, std::int64_t samples) : device("00000" + std::to_string(number + 1)) {
    ingest::testing::SimulatedAgent agent(
        ingest::testing::epoch_named(static_cast<std::uint8_t>(number + 1)));
    for (int metric = 0; metric < kMetrics; ++metric) {
      agent.define(static_cast<std::uint32_t>(metric), "metric" + std::to_string(metric), device);
    }
    std::mt19937 random(static_cast<unsigned>(number));
    std::normal_distribution<double> noise(0, 0.1);
    std::vector<double> level(kMetrics, 20);
    const std::int64_t steps = samples / kMetrics;
    std::int64_t at_us = to_us(SystemClock().now()) - steps * 1'000'000;
    record::Scalars column;
    for (std::int64_t step = 0; step < steps; ++step, at_us += 1'000'000) {
      for (int metric = 0; metric < kMetrics; ++metric) {
        double& x = level[static_cast<std::size_t>(metric)];
        x = 20 + 0.95 * (x - 20) + noise(random);
        column.timestamp_us.push_back(at_us + static_cast<std::int64_t>(random() % 15'000));
        column.metric_reference.push_back(static_cast<std::uint32_t>(metric));
        column.value.push_back(std::round(x * 100) / 100);
      }
      if (column.value.size() >= kSamplesPerRecord) agent.write(std::exchange(column, {}));
    }
    if (!column.value.empty()) agent.write(std::move(column));
    last_seq = agent.next_seq() - 1;
    for (std::uint64_t seq = 1; seq <= last_seq; seq += kRecordsPerMessage) {
      add(agent.batch(seq, std::min<std::uint64_t>(seq + kRecordsPerMessage - 1, last_seq)));
    }
  }

  void add(const ingest::RecordBatch& from) {
    auto& to = *messages.emplace_back().mutable_batch();
    to.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
    to.set_epoch(from.epoch.data(), from.epoch.size());
    to.set_base_seq(from.base_seq);
    for (const std::string& bytes : from.records) to.add_records(bytes);
    to.set_chain_end(from.chain_end);
    to.set_crc32c(from.crc32c);
  }
};

/// Sends a backlog and returns when all of it is acknowledged.
void send(const Backlog& backlog, int port) {
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  const auto stub = v1::Ingest::NewStub(channel);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer 100000/" + backlog.device);
  const auto stream = stub->Stream(&context);
  v1::ClientMessage hello;
  hello.mutable_hello()->add_proto_versions(1);
  stream->Write(hello);
  v1::ServerMessage answer;
  stream->Read(&answer);
  const std::size_t credit = answer.welcome().credit_bytes();

  std::mutex mutex;
  std::condition_variable acknowledged;
  std::uint64_t watermark = 0;  // guarded by mutex
  std::thread reader([&] {
    v1::ServerMessage message;
    while (stream->Read(&message)) {
      if (!message.has_ack() || message.ack().refusals_size() > 0) {
        std::fprintf(stderr, "unexpected: %s\n", message.ShortDebugString().c_str());
        std::exit(1);
      }
      const std::lock_guard lock(mutex);
      watermark = message.ack().watermark();
      acknowledged.notify_one();
      if (watermark == backlog.last_seq) return;
    }
  });
  std::deque<std::pair<std::uint64_t, std::size_t>> open;  // base_seq, bytes
  std::size_t open_bytes = 0;
  for (const v1::ClientMessage& message : backlog.messages) {
    const std::size_t bytes = message.ByteSizeLong();
    {
      std::unique_lock lock(mutex);
      acknowledged.wait(lock, [&] {
        while (!open.empty() && open.front().first <= watermark) {
          open_bytes -= open.front().second;
          open.pop_front();
        }
        return open_bytes + bytes <= credit;
      });
    }
    open.emplace_back(message.batch().base_seq(), bytes);
    open_bytes += bytes;
    if (!stream->Write(message)) break;
  }
  reader.join();
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    std::fprintf(stderr, "the stream ended: %s\n", status.error_message().c_str());
    std::exit(1);
  }
}

void run(std::int64_t samples, const std::filesystem::path& folder) {
  bench::print_figure("disk.fdatasync_p50_ms", bench::fdatasync_p50_ms(folder), "ms");
  std::vector<Backlog> backlogs;
  for (int i = 0; i < kAgents; ++i) backlogs.emplace_back(i, samples / kAgents);

  const auto directory = must(SqliteTenantDirectory::open(folder));
  const TenantId tenant = must(TenantId::parse("100000"));
  must(directory->create(tenant));
  const auto store = must(directory->open_for_service(tenant));
  for (const Backlog& backlog : backlogs) {
    must(store->catalog().add_device(Device{must(DeviceId::parse(backlog.device)),
                                            "",
                                            "UTC",
                                            {},
                                            {},
                                            "",
                                            "",
                                            DeviceStatus::kUnknown,
                                            {},
                                            {}}));
  }
  const SystemClock clock;
  InprocessBus bus;
  telemetry::Telemetry telemetry;
  testing::FakeIdentity identity;
  ingest::Hub hub(*directory, bus, clock, telemetry);
  GrpcServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  GrpcServer server(
      options, hub, identity, *directory,
      [](const auto&, const auto&, const auto&, auto, auto) { return Result<>(); }, clock,
      telemetry);
  must(server.start());

  const auto start = Steady::now();
  std::vector<std::thread> agents;
  for (const Backlog& backlog : backlogs) {
    agents.emplace_back([&] { send(backlog, server.port()); });
  }
  for (std::thread& agent : agents) agent.join();
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  server.stop();

  const std::int64_t expected = samples / kAgents / kMetrics * kMetrics * kAgents;
  std::uint64_t stored = 0;
  for (const Backlog& backlog : backlogs) {
    const auto metrics = must(
        store->catalog().metrics(must(DeviceId::parse(backlog.device)), must(Path::parse(""))));
    for (const Metric& metric : metrics) {
      stored += must(store->samples().count(metric.series, {INT64_MIN, INT64_MAX}));
      // The count is kept beside the chunks: one series of each agent is decoded as well.
      if (metric.key.metric.str() != "metric7") continue;
      const auto read =
          must(store->samples().read(metric.series, {INT64_MIN, INT64_MAX}, SIZE_MAX));
      if (static_cast<std::int64_t>(read.size()) != samples / kAgents / kMetrics) {
        std::fprintf(stderr, "a series has %zu samples\n", read.size());
        std::exit(1);
      }
    }
  }
  if (stored != static_cast<std::uint64_t>(expected)) {
    std::fprintf(stderr, "%lu samples are stored, %ld were sent\n", stored, expected);
    std::exit(1);
  }
  bench::print_figure("hub.ingest_samples_per_s", static_cast<double>(expected) / seconds,
                      "samples/s");
}

}  // namespace
}  // namespace millwright

int main(int argc, char** argv) {
  const std::int64_t samples = argc > 1 ? std::atoll(argv[1]) : 6'000'000;
  const std::filesystem::path parent =
      argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
  const auto folder = parent / ("hub_ingest_bench." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  millwright::run(samples, folder);
  std::filesystem::remove_all(folder);
}
