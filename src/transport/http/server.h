#pragma once
/// The HTTP/1.1 and WebSocket server: one listener, its I/O threads and its worker pool.
///
///   http::Router router;
///   add_device_calls(router, ...);
///   http::Server server(options, std::move(router), {device_socket, graphql_socket}, telemetry);
///   MW_TRY(server.start());
///   ... server.port() ...
///   server.stop();
///
/// Plain TCP; TLS ends at the proxy in front. Limits: a body 1 MiB (413), a head 16 KiB (431), a
/// target 8 KiB (414), a head must be complete 10 s after its first byte and a body 30 s after its
/// head (408), an answer must come within 60 s (503). What an HTTP parser could read in two ways is
/// refused with 400 and the connection closed (head.h).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/telemetry.h"
#include "transport/http/origin.h"
#include "transport/http/router.h"
#include "transport/http/web_socket.h"

namespace millwright::http {

struct ServerState;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  unsigned io_threads = 2;
  unsigned workers = 4;
  OriginPolicy origins;
  /// Hosts that may stand in the Host header, without port; empty: any. Set it where callers are
  /// trusted without credentials (the demo, the old contract): it defeats DNS rebinding.
  std::vector<std::string> allowed_hosts;
  bool hsts = false;  ///< behind a proxy that speaks TLS

  std::size_t max_body = 1 << 20;
  std::size_t max_head = 16 << 10;
  std::size_t max_target = 8 << 10;
  std::size_t max_connections = 2'048;
  std::size_t max_queued = 512;  ///< requests that wait for a worker; more get 503
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds answer_timeout{60'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{60'000};

  std::size_t max_frame = 64 << 10;   ///< a WebSocket message; larger ones are closed 1009
  std::size_t max_backlog = 1 << 20;  ///< closed 4429
  double message_rate = 20;           ///< messages a second, sustained; else closed 1008
  double message_burst = 100;
  std::chrono::milliseconds ping_idle{20'000};
  std::chrono::milliseconds tick{2'000};
};

class Server {
 public:
  /// `telemetry` outlives the server.
  Server(ServerOptions options, Router router, std::vector<WebSocketEndpoint> endpoints,
         telemetry::Telemetry& telemetry);
  /// Stops, if it still runs.
  ~Server();

  /// Listens and begins to serve. Errors: kUnavailable naming address and port.
  Result<> start();
  /// The port that is really used.
  std::uint16_t port() const;
  /// Calls `task` on the worker pool again and again, for housekeeping. Before start().
  void run_every(std::chrono::milliseconds interval, std::function<void()> task);
  /// Stops listening, closes WebSockets with 1001, lets running requests end (at most 5 s), joins
  /// all threads. Handlers are not called afterwards.
  void stop();

 private:
  std::unique_ptr<ServerState> state_;
};

}  // namespace millwright::http
