#include "transport/http/web_socket_session.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

#include "base/log.h"
#include "base/text.h"
#include "transport/http/plan.h"

namespace millwright::http {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kHandshakeTime = std::chrono::seconds(10);
constexpr auto kCloseTime = std::chrono::seconds(3);
constexpr auto kNever = std::chrono::steady_clock::time_point::max();

/// The first of ours that the client lists; empty where none is.
std::string choose_subprotocol(const WebSocketEndpoint& endpoint, std::string_view offered) {
  for (const std::string& ours : endpoint.subprotocols) {
    std::string_view rest = offered;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      std::string_view one = rest.substr(0, comma);
      while (one.starts_with(' ')) one.remove_prefix(1);
      while (one.ends_with(' ')) one.remove_suffix(1);
      if (one == ours) return ours;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return {};
}

class WebSocketSession final : public Session,
                               public WebSocketConnection,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(ServerState& server, tcp::socket socket)
      : server_(server),
        ws_(std::move(socket)),
        writable_(ws_.get_executor(), kNever),
        ticker_(ws_.get_executor()),
        tokens_(server.options.message_burst),
        counted_at_(std::chrono::steady_clock::now()) {}
  ~WebSocketSession() override {
    server_.remove(this);
    if (handler_) handler_->on_close();
  }

  void send(std::string text) override;
  std::size_t backlog() const override { return backlog_; }
  void close(std::uint16_t code, std::string reason) override;
  void shut_down() override { close(1001, "the server stops"); }

  asio::awaitable<void> run(const WebSocketEndpoint& endpoint, const std::string& received,
                            const std::shared_ptr<Request>& request);

 private:
  /// Runs `work` on the worker pool and waits for it. Only one runs at a time for a session. By
  /// reference, and callers name it first: GCC 12 destroys a temporary that is converted inside a
  /// co_await expression twice.
  asio::awaitable<void> on_worker(const std::function<void()>& work);
  asio::awaitable<bool> handshake(const std::string& received, const std::string& subprotocol);
  asio::awaitable<void> refuse(const std::shared_ptr<Request>& request, Response& response);
  asio::awaitable<void> read_all();
  asio::awaitable<void> write_all();
  asio::awaitable<void> tick_all();
  bool within_rate();
  void begin_close(std::uint16_t code, std::string reason);
  void cut();

  ServerState& server_;
  websocket::stream<beast::tcp_stream, false> ws_;
  std::mutex handler_mutex_;  // one call into the handler at a time
  std::unique_ptr<WebSocketHandler> handler_;
  std::atomic<std::size_t> backlog_{0};
  std::atomic<bool> overflowed_{false};

  // Of the strand only:
  std::deque<std::string> outbox_;
  asio::steady_timer writable_;  // cancelled when outbox_ or closing_ changes
  asio::steady_timer ticker_;
  bool closing_ = false;
  bool ended_ = false;
  std::uint16_t close_code_ = 1000;
  std::string close_reason_;
  std::chrono::steady_clock::time_point closing_since_;
  double tokens_;
  std::chrono::steady_clock::time_point counted_at_;
};

void WebSocketSession::send(std::string text) {
  if (backlog_.fetch_add(text.size()) + text.size() > server_.options.max_backlog) {
    backlog_.fetch_sub(text.size());
    if (!overflowed_.exchange(true)) close(4429, "the reader is too slow");
    return;
  }
  asio::post(ws_.get_executor(), [self = shared_from_this(), text = std::move(text)]() mutable {
    self->outbox_.push_back(std::move(text));
    self->writable_.cancel();
  });
}

void WebSocketSession::close(std::uint16_t code, std::string reason) {
  asio::post(ws_.get_executor(), [self = shared_from_this(), code, reason = std::move(reason)] {
    self->begin_close(code, reason);
  });
}

void WebSocketSession::begin_close(std::uint16_t code, std::string reason) {
  if (closing_) return;
  closing_ = true;
  closing_since_ = std::chrono::steady_clock::now();
  close_code_ = code;
  close_reason_ = reason.substr(0, 120);  // a close frame holds 123 bytes
  // A reader that does not read will not read the rest either.
  if (code == 4429) outbox_.clear();
  writable_.cancel();
  ticker_.cancel();
}

void WebSocketSession::cut() {
  boost::system::error_code ignored;
  beast::get_lowest_layer(ws_).socket().close(ignored);
}

asio::awaitable<void> WebSocketSession::on_worker(const std::function<void()>& work) {
  asio::steady_timer done(ws_.get_executor(), kNever);
  bool finished = false;
  asio::post(server_.workers, [&] {
    {
      const std::lock_guard lock(handler_mutex_);
      try {
        work();
      } catch (const std::exception& e) {
        log::error("a WebSocket's handler failed", {{"error", e.what()}});
        close(1011, "the server failed");
      }
    }
    asio::post(done.get_executor(), [&] {
      finished = true;
      done.cancel();
    });
  });
  while (!finished) co_await done.async_wait(kAwait);
}

asio::awaitable<bool> WebSocketSession::handshake(const std::string& received,
                                                  const std::string& subprotocol) {
  websocket::stream_base::timeout timeouts{kHandshakeTime, server_.options.ping_idle, true};
  ws_.set_option(timeouts);
  ws_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& r) {
    r.set(beast::http::field::server, "millwright");
    if (!subprotocol.empty()) {
      r.set(beast::http::field::sec_websocket_protocol, subprotocol);
    }
  }));
  ws_.read_message_max(server_.options.max_frame);
  ws_.text(true);
  ws_.auto_fragment(false);
  const auto [error] = co_await ws_.async_accept(asio::buffer(received), kAwait);
  co_return !error;
}

asio::awaitable<void> WebSocketSession::refuse(const std::shared_ptr<Request>& request,
                                               Response& response) {
  complete_response(server_, *request, response);
  record_request(server_, *request, "websocket", response.status, {});
  const std::string text = serialize(response, false, false);
  auto& stream = beast::get_lowest_layer(ws_);
  stream.expires_after(kHandshakeTime);
  co_await asio::async_write(stream, asio::buffer(text), kAwait);
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

bool WebSocketSession::within_rate() {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - counted_at_).count();
  counted_at_ = now;
  tokens_ =
      std::min(server_.options.message_burst, tokens_ + seconds * server_.options.message_rate);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

asio::awaitable<void> WebSocketSession::read_all() {
  beast::flat_buffer buffer;
  while (true) {
    buffer.clear();
    const auto [error, size] = co_await ws_.async_read(buffer, kAwait);
    if (error) co_return;
    if (closing_) continue;  // the close frame's answer is still to come
    if (!ws_.got_text()) {
      begin_close(1003, "only texts are taken");
    } else if (!within_rate()) {
      begin_close(1008, "too many messages");
    } else {
      const auto data = buffer.cdata();
      const std::string_view text(static_cast<const char*>(data.data()), data.size());
      const std::function<void()> work = [this, text] { handler_->on_text(text); };
      co_await on_worker(work);
    }
  }
}

asio::awaitable<void> WebSocketSession::write_all() {
  while (!ended_) {
    if (!outbox_.empty()) {
      const std::string text = std::move(outbox_.front());
      outbox_.pop_front();
      const auto [error, size] = co_await ws_.async_write(asio::buffer(text), kAwait);
      backlog_.fetch_sub(text.size());
      if (error) break;
      continue;
    }
    if (closing_) {
      const websocket::close_reason reason(static_cast<websocket::close_code>(close_code_),
                                           close_reason_);
      co_await ws_.async_close(reason, kAwait);
      break;
    }
    writable_.expires_at(kNever);
    co_await writable_.async_wait(kAwait);
  }
}

asio::awaitable<void> WebSocketSession::tick_all() {
  while (!ended_) {
    ticker_.expires_after(closing_ ? std::chrono::milliseconds(250) : server_.options.tick);
    co_await ticker_.async_wait(kAwait);
    if (ended_) co_return;
    if (closing_) {
      // A peer that neither reads nor answers the close frame is cut off.
      if (std::chrono::steady_clock::now() - closing_since_ > kCloseTime) cut();
      continue;
    }
    const std::function<void()> work = [this] {
      if (handler_) handler_->on_tick();
    };
    co_await on_worker(work);
  }
}

/// Holds the session while one of its coroutines runs.
asio::awaitable<void> hold([[maybe_unused]] std::shared_ptr<WebSocketSession> session,
                           asio::awaitable<void> work) {
  try {
    co_await std::move(work);
  } catch (const std::exception& e) {
    log::error("a WebSocket failed", {{"error", e.what()}});
  }
}

asio::awaitable<void> WebSocketSession::run(const WebSocketEndpoint& endpoint,
                                            const std::string& received,
                                            const std::shared_ptr<Request>& request) {
  const auto self = shared_from_this();
  std::optional<Response> refusal = refuse_upgrade(server_, *request);
  const std::string subprotocol =
      choose_subprotocol(endpoint, request->header("sec-websocket-protocol"));
  if (!refusal && endpoint.must_agree && subprotocol.empty()) {
    const std::string wanted = quote(endpoint.subprotocols.front());
    refusal =
        failure(*request, invalid_argument("Sec-WebSocket-Protocol must offer " + wanted), 400);
  }
  const std::function<void()> accept = [&] {
    auto accepted = endpoint.accept(*request, self);
    if (accepted) {
      handler_ = std::move(accepted).value();
    } else {
      refusal = failure(*request, accepted.error());
    }
  };
  if (!refusal) co_await on_worker(accept);
  if (!handler_) {
    if (!refusal) refusal = failure(*request, internal_error("the upgrade failed; try again"));
    co_await refuse(request, *refusal);
    co_return;
  }
  record_request(server_, *request, "websocket", 101, {});
  const bool open = co_await handshake(received, subprotocol);
  if (open) {
    server_.web_sockets.add(1);
    asio::co_spawn(ws_.get_executor(), hold(self, write_all()), asio::detached);
    asio::co_spawn(ws_.get_executor(), hold(self, tick_all()), asio::detached);
    if (server_.stopping) begin_close(1001, "the server stops");
    co_await read_all();
    server_.web_sockets.add(-1);
  }
  ended_ = true;
  closing_ = true;
  writable_.cancel();
  ticker_.cancel();
  // Destroyed on a worker: it may wait for callbacks that are running.
  const std::function<void()> finish = [this] {
    const std::unique_ptr<WebSocketHandler> handler = std::move(handler_);
    if (handler) handler->on_close();
  };
  co_await on_worker(finish);
}

}  // namespace

asio::awaitable<void> serve_web_socket(ServerState& server, const WebSocketEndpoint& endpoint,
                                       tcp::socket& socket, const std::string& received,
                                       const std::shared_ptr<Request>& request) {
  auto session = std::make_shared<WebSocketSession>(server, std::move(socket));
  server.add(session);
  co_await session->run(endpoint, received, request);
}

}  // namespace millwright::http
