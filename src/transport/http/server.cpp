#include "transport/http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "transport/http/server_state.h"

namespace millwright::http {
namespace {

constexpr auto kDrainTime = std::chrono::seconds(5);

/// Takes connections until the acceptor is closed.
asio::awaitable<void> accept_all(ServerState& server) {
  while (!server.stopping) {
    auto [error, socket] = co_await server.acceptor.async_accept(
        asio::any_io_executor(asio::make_strand(server.io)), asio::as_tuple(asio::use_awaitable));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors: wait a moment instead of spinning; others will close.
      log::error("a connection cannot be accepted", {{"error", error.message()}});
      asio::steady_timer pause(server.io, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    if (server.session_count() >= server.options.max_connections) {
      log::warning("connection refused: too many are open",
                   {{"limit", server.options.max_connections}});
      continue;  // closes the socket
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    start_http_session(server, std::move(socket));
  }
}

/// Runs a task, then waits for its interval; never two runs at once.
asio::awaitable<void> repeat(ServerState& server, const RepeatedTask& task) {
  while (!server.stopping) {
    task.timer->expires_after(task.interval);
    co_await task.timer->async_wait(asio::as_tuple(asio::use_awaitable));
    if (server.stopping) co_return;
    asio::steady_timer done(co_await asio::this_coro::executor,
                            std::chrono::steady_clock::time_point::max());
    bool finished = false;
    asio::post(server.workers, [&, executor = done.get_executor()] {
      try {
        task.task();
      } catch (const std::exception& e) {
        log::error("a repeated task failed", {{"error", e.what()}});
      }
      asio::post(executor, [&] {
        finished = true;
        done.cancel();
      });
    });
    while (!finished) co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace

bool ServerState::on_worker(std::function<void()> work) {
  if (queued.fetch_add(1) >= options.max_queued) {
    queued.fetch_sub(1);
    return false;
  }
  queue_depth.set(static_cast<double>(queued.load()));
  asio::post(workers, [this, work = std::move(work)] {
    queue_depth.set(static_cast<double>(queued.fetch_sub(1) - 1));
    work();
  });
  return true;
}

Server::Server(ServerOptions options, Router router, std::vector<WebSocketEndpoint> endpoints,
               telemetry::Telemetry& telemetry)
    : state_(std::make_unique<ServerState>(std::move(options), std::move(router),
                                           std::move(endpoints), telemetry)) {}

Server::~Server() { stop(); }

Result<> Server::start() {
  ServerState& s = *state_;
  const std::string where = s.options.address + ":" + std::to_string(s.options.port);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(s.options.address, error);
  if (error) return invalid_argument("'" + s.options.address + "' is no IP address to listen on");
  const tcp::endpoint endpoint(address, s.options.port);
  s.acceptor.open(endpoint.protocol(), error);
  if (!error) s.acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) s.acceptor.bind(endpoint, error);
  if (!error) s.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return unavailable("cannot listen on " + where + ": " + error.message() +
                       "; choose another port or end the program that uses it");
  }
  s.port = s.acceptor.local_endpoint().port();
  asio::co_spawn(s.io, accept_all(s), asio::detached);
  for (RepeatedTask& task : s.tasks) {
    auto strand = asio::make_strand(s.io);
    task.timer = std::make_shared<asio::steady_timer>(strand);
    asio::co_spawn(strand, repeat(s, task), asio::detached);
  }
  for (unsigned i = 0; i < std::max(1U, s.options.io_threads); ++i) {
    s.threads.emplace_back([&s] { s.io.run(); });
  }
  log::info("HTTP server listens", {{"address", s.options.address}, {"port", s.port}});
  return {};
}

std::uint16_t Server::port() const { return state_->port; }

void Server::run_every(std::chrono::milliseconds interval, std::function<void()> task) {
  state_->tasks.push_back({interval, std::move(task), nullptr});
}

void Server::stop() {
  ServerState& s = *state_;
  if (s.threads.empty() || s.stopping.exchange(true)) return;
  asio::post(s.io, [&s] {
    boost::system::error_code ignored;
    s.acceptor.close(ignored);
  });
  for (const RepeatedTask& task : s.tasks) {
    asio::post(task.timer->get_executor(), [timer = task.timer] { timer->cancel(); });
  }
  std::vector<std::shared_ptr<Session>> open;
  {
    const std::lock_guard lock(s.mutex);
    for (const auto& [key, session] : s.sessions) open.push_back(session.lock());
  }
  for (const auto& session : open) {
    if (session) session->shut_down();
  }
  open.clear();
  const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
  while (s.session_count() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  s.workers.join();
  s.io.stop();
  for (std::thread& thread : s.threads) thread.join();
  s.threads.clear();
}

}  // namespace millwright::http
