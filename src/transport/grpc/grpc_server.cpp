#include "transport/grpc/grpc_server.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include "base/log.h"
#include "record/record.h"
#include "transport/grpc/ingest_service.h"
#include "transport/grpc/legacy_service.h"

namespace millwright {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// One gRPC server: addresses that serve the same services.
struct Listener {
  std::vector<std::string> addresses;
  std::vector<int> ports;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;

  std::optional<int> port_of(const std::string& address) const {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (addresses[i] == address) return ports[i];
    }
    return std::nullopt;
  }
};

/// gRPC's own complaints become lines of our log.
void take_over_log() {
  gpr_set_log_function([](gpr_log_func_args* line) {
    if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
    log::warning("gRPC reports a problem",
                 {{"file", line->file}, {"line", line->line}, {"detail", line->message}});
  });
}

void limit(grpc::ServerBuilder& builder, const GrpcServerOptions& options) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(record::kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  // Without these the other side runs some 10 MB ahead of a reader that waits.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16'384);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A peer that is gone is noticed although nothing is sent; one that pings too much is cut.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // Compressed messages could grow a thousandfold.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
}

}  // namespace

struct GrpcServer::State {
  State(GrpcServerOptions settings, ingest::Hub& hub, Identity& identity,
        TenantDirectory& directory, ReportStatus report, const Clock& clock,
        telemetry::Telemetry& telemetry)
      : options(std::move(settings)),
        report_status(std::move(report)),
        context{options, hub, identity, directory, report_status, clock, telemetry},
        registry(options.tick, telemetry) {}

  Result<> listen(std::vector<std::string> addresses, bool with_ingest, bool with_legacy) {
    if (addresses.empty()) return {};
    Listener listener;
    listener.addresses = std::move(addresses);
    listener.ports.resize(listener.addresses.size());
    grpc::ServerBuilder builder;
    limit(builder, options);
    for (std::size_t i = 0; i < listener.addresses.size(); ++i) {
      builder.AddListeningPort(listener.addresses[i], grpc::InsecureServerCredentials(),
                               &listener.ports[i]);
    }
    if (with_ingest) {
      listener.services.push_back(std::make_unique<IngestService>(context, registry));
    }
    if (with_legacy) {
      listener.services.push_back(std::make_unique<LegacyService>(context, registry));
    }
    for (const auto& service : listener.services) builder.RegisterService(service.get());
    listener.server = builder.BuildAndStart();
    if (!listener.server) {
      std::string all;
      for (const std::string& address : listener.addresses) all += ' ' + address;
      return unavailable("cannot listen for gRPC on" + all +
                         "; is the address taken by another program?");
    }
    listeners.push_back(std::move(listener));
    return {};
  }

  int port_of(const std::vector<std::string>& addresses) const {
    if (addresses.empty()) return 0;
    for (const Listener& listener : listeners) {
      if (const auto port = listener.port_of(addresses.front())) return *port;
    }
    return 0;
  }

  const GrpcServerOptions options;
  const ReportStatus report_status;
  const GrpcContext context;
  StreamRegistry registry;
  std::vector<Listener> listeners;
};

GrpcServer::GrpcServer(GrpcServerOptions options, ingest::Hub& hub, Identity& identity,
                       TenantDirectory& directory, ReportStatus report_status, const Clock& clock,
                       telemetry::Telemetry& telemetry)
    : state_(std::make_unique<State>(std::move(options), hub, identity, directory,
                                     std::move(report_status), clock, telemetry)) {}

GrpcServer::~GrpcServer() { stop(std::chrono::milliseconds(0)); }

Result<> GrpcServer::start() {
  take_over_log();
  const GrpcServerOptions& options = state_->options;
  std::vector<std::string> ingest_only;
  std::vector<std::string> legacy_only;
  std::vector<std::string> both;
  for (const std::string& address : options.addresses) {
    (contains(options.legacy_addresses, address) ? both : ingest_only).push_back(address);
  }
  for (const std::string& address : options.legacy_addresses) {
    if (!contains(options.addresses, address)) legacy_only.push_back(address);
  }
  MW_TRY(state_->listen(std::move(ingest_only), true, false));
  MW_TRY(state_->listen(std::move(both), true, true));
  return state_->listen(std::move(legacy_only), false, true);
}

int GrpcServer::port() const { return state_->port_of(state_->options.addresses); }
int GrpcServer::legacy_port() const { return state_->port_of(state_->options.legacy_addresses); }

void GrpcServer::stop(std::chrono::milliseconds deadline) {
  if (state_->listeners.empty()) return;
  const auto until = std::chrono::steady_clock::now() + deadline;
  const auto left = [&] {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(
                        until - std::chrono::steady_clock::now()));
  };
  state_->registry.stop_reading();
  if (!state_->context.hub.drain(left())) {
    log::warning("not everything that was received could be stored before the end");
  }
  state_->registry.finish_all();
  state_->registry.wait_empty(left());
  for (Listener& listener : state_->listeners) {
    listener.server->Shutdown(std::chrono::system_clock::now() + left());
    listener.server->Wait();
  }
  state_->listeners.clear();
  // Tasks of streams that were cut may still wait for a slow store, and they know this server.
  state_->context.hub.drain(std::chrono::seconds(60));
}

}  // namespace millwright
