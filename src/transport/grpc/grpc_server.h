#pragma once
/// The gRPC listeners: millwright.ingest.v1.Ingest for edge agents, and on listeners of its own the
/// service Hub of the devices that exist already, which send no token.
///
/// gRPC 1.51 must not face a network unprotected (a flood of resets costs it hundreds of
/// megabytes): addresses are loopback or a unix socket, a proxy stands in front.
///
/// Threads: gRPC's own. Every method of GrpcServer from any thread, start() and stop() once.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "identity/identity.h"
#include "ingest/hub.h"
#include "model/device.h"
#include "telemetry/telemetry.h"

namespace millwright {

struct GrpcServerOptions {
  /// For edge agents: "127.0.0.1:50051", "unix:/run/millwright/ingest.sock"; port 0 takes a free
  /// one.
  std::vector<std::string> addresses = {"127.0.0.1:50051"};
  /// For devices of the old contract; none: it is off. An address that stands above as well serves
  /// both (the demo).
  std::vector<std::string> legacy_addresses;
  /// The tenants whose devices may use the old contract.
  std::vector<TenantId> legacy_tenants;
  std::size_t max_streams_per_device = 8;
  int max_concurrent_streams = 128;  ///< of one connection
  /// A stream on which nothing arrives is closed: three missed heartbeats.
  Microseconds idle_timeout = std::chrono::seconds(30);
  /// A token is looked at again so often: one that expired or was withdrawn ends its stream.
  Microseconds token_check_interval = std::chrono::seconds(5);
  /// How often streams are looked at, in real time.
  std::chrono::milliseconds tick = std::chrono::milliseconds(500);
};

/// What device management does with a status; blocks until it is durable.
using ReportStatus = std::function<Result<>(const Principal&, const TenantId&, const DeviceId&,
                                            DeviceStatus, Timestamp)>;

class GrpcServer {
 public:
  /// The references must outlive the server.
  GrpcServer(GrpcServerOptions options, ingest::Hub& hub, Identity& identity,
             TenantDirectory& directory, ReportStatus report_status, const Clock& clock,
             telemetry::Telemetry& telemetry);
  /// Stops at once where stop() was not called.
  ~GrpcServer();

  /// Errors: kUnavailable naming the address that could not be listened on.
  Result<> start();
  /// Bound port of the first address; 0 for a unix socket or before start().
  int port() const;
  /// Bound port of the first legacy address; 0 where there is none.
  int legacy_port() const;
  /// Takes nothing more in, waits until what came in is stored and answered, then closes. Streams
  /// that are still open when `deadline` is over are cut.
  void stop(std::chrono::milliseconds deadline = std::chrono::seconds(5));

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millwright
