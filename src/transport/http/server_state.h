#pragma once
/// What the server's sessions share. Internal: includes Asio.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "transport/http/server.h"

namespace millwright::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// A connection, so that the server can end it.
class Session {
 public:
  virtual ~Session() = default;
  /// From any thread: ends when idle, otherwise after what is running.
  virtual void shut_down() = 0;
};

struct RepeatedTask {
  std::chrono::milliseconds interval;
  std::function<void()> task;
  std::shared_ptr<asio::steady_timer> timer;
};

struct ServerState {
  ServerState(ServerOptions o, Router r, std::vector<WebSocketEndpoint> e, telemetry::Telemetry& t)
      : options(std::move(o)),
        router(std::move(r)),
        endpoints(std::move(e)),
        telemetry(t),
        connections(t.gauge("millwright_http_connections", "Open TCP connections")),
        web_sockets(t.gauge("millwright_websocket_connections", "Open WebSockets")),
        queue_depth(t.gauge("millwright_http_queue_depth", "Requests that wait for a worker")),
        workers(options.workers),
        acceptor(io) {}

  /// Registers a session until it is destroyed.
  void add(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(mutex);
    sessions[session.get()] = session;
    connections.set(static_cast<double>(sessions.size()));
  }
  void remove(const Session* session) {
    const std::lock_guard lock(mutex);
    sessions.erase(session);
    connections.set(static_cast<double>(sessions.size()));
  }
  std::size_t session_count() {
    const std::lock_guard lock(mutex);
    return sessions.size();
  }
  /// Runs `work` on the worker pool. False when too many wait already.
  bool on_worker(std::function<void()> work);

  ServerOptions options;
  Router router;
  std::vector<WebSocketEndpoint> endpoints;
  telemetry::Telemetry& telemetry;
  telemetry::Gauge& connections;
  telemetry::Gauge& web_sockets;
  telemetry::Gauge& queue_depth;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> queued{0};
  std::mutex mutex;  // guards sessions
  std::unordered_map<const Session*, std::weak_ptr<Session>> sessions;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  asio::thread_pool workers;
  // Goes before everything above: it holds the coroutines, which use it.
  asio::io_context io;
  tcp::acceptor acceptor;
  std::vector<RepeatedTask> tasks;  // their timers go before io
};

/// Serves one connection until it ends. `socket` has a strand of its own as executor.
void start_http_session(ServerState& server, tcp::socket socket);

/// Everything that every answer carries (security headers, CORS, compression, request id).
/// Costs the compression: call it off the network threads.
void complete_response(const ServerState& server, const Request& request, Response& response);

/// Status line, headers and (unless `without_body`) body, as they go on the wire.
std::string serialize(const Response& response, bool keep_alive, bool without_body);

/// Counts and logs an answered request.
void record_request(ServerState& server, const Request& request, std::string_view pattern,
                    int status, std::chrono::steady_clock::duration took);

}  // namespace millwright::http
