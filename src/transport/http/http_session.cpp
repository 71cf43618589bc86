#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "base/log.h"
#include "base/text.h"
#include "transport/http/head.h"
#include "transport/http/plan.h"
#include "transport/http/request_id.h"
#include "transport/http/server_state.h"
#include "transport/http/target.h"
#include "transport/http/web_socket_session.h"

namespace millwright::http {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using SteadyTime = std::chrono::steady_clock::time_point;

/// Why a request could not be read; `status` 0: the connection ended, nobody waits for an answer.
struct ReadFailure {
  int status = 0;
  Error error{ErrorCode::kInvalidArgument, "", ""};
};

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ServerState& server, tcp::socket socket)
      : server_(server),
        stream_(std::move(socket)),
        wake_(stream_.get_executor()),
        deadline_(stream_.get_executor()) {
    boost::system::error_code error;
    const auto peer = stream_.socket().remote_endpoint(error);
    if (!error) remote_ = peer.address().to_string();
  }
  ~HttpSession() override { server_.remove(this); }

  void shut_down() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      if (self->is_idle_) self->stream_.cancel();
    });
  }

  asio::awaitable<void> run();

 private:
  /// Reads what is there and appends it to buffer_. False at the end or after the deadline.
  asio::awaitable<bool> read_some(SteadyTime deadline);
  asio::awaitable<std::optional<ReadFailure>> read_head(Head& head);
  asio::awaitable<std::optional<ReadFailure>> read_body(const Head& head, std::string& body);
  asio::awaitable<std::optional<ReadFailure>> read_chunks(SteadyTime deadline, std::string& body);
  /// Serves one request; answers whether another may follow.
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> serve(const Head& head, const std::shared_ptr<Request>& request);
  /// Runs the handler and waits for its answer.
  asio::awaitable<Response> ask(const Handler* handler, const std::shared_ptr<Request>& request);
  asio::awaitable<bool> write(const std::string& text);
  /// Lets the peer read our last words before the connection is cut.
  asio::awaitable<void> linger();
  Request make_request(const Head& head) const;
  const WebSocketEndpoint* endpoint_of(const Head& head, const Request& request) const;

  ServerState& server_;
  boost::beast::tcp_stream stream_;
  asio::steady_timer wake_;      // cancelled when answer_ has come
  asio::steady_timer deadline_;  // of the read that runs
  std::uint64_t reads_ = 0;      // tells a late deadline from the current read's
  std::optional<Response> answer_;
  std::string buffer_;    // received, not used yet
  std::string raw_head_;  // of the current request, for the WebSocket handshake
  std::array<char, 8192> chunk_{};
  std::string remote_;
  bool is_idle_ = false;
};

// The stream's own time-out would close the socket, and with it the way for a 408.
asio::awaitable<bool> HttpSession::read_some(SteadyTime deadline) {
  const std::uint64_t read = ++reads_;
  stream_.expires_never();
  deadline_.expires_at(deadline);
  deadline_.async_wait([weak = weak_from_this(), read](boost::system::error_code error) {
    const auto self = weak.lock();
    if (!error && self && self->reads_ == read) self->stream_.cancel();
  });
  const auto [error, size] = co_await stream_.async_read_some(asio::buffer(chunk_), kAwait);
  ++reads_;
  deadline_.cancel();
  if (error) co_return false;
  buffer_.append(chunk_.data(), size);
  co_return true;
}

asio::awaitable<std::optional<ReadFailure>> HttpSession::read_head(Head& head) {
  const auto& limits = server_.options;
  SteadyTime deadline = std::chrono::steady_clock::now() +
                        (buffer_.empty() ? limits.idle_timeout : limits.head_timeout);
  while (true) {
    const auto line_end = buffer_.find('\n');
    const std::size_t line_size = line_end == std::string::npos ? buffer_.size() : line_end;
    if (line_size > limits.max_target + 32) {
      co_return ReadFailure{
          414, invalid_argument("the target is longer than 8192 bytes; send a body instead")};
    }
    const auto end = buffer_.find("\r\n\r\n");
    const std::size_t head_size = end == std::string::npos ? buffer_.size() : end + 4;
    if (head_size > limits.max_head) {
      co_return ReadFailure{431, invalid_argument("the request's head is longer than 16384 bytes")};
    }
    // A line that ends with a bare LF would let the head go on for ever: parse_head refuses it.
    const bool bare =
        line_end != std::string::npos && (line_end == 0 || buffer_[line_end - 1] != '\r');
    const auto bare_end = buffer_.find("\n\n");
    if (end != std::string::npos || bare || bare_end != std::string::npos) {
      raw_head_ = buffer_.substr(0, head_size);
      buffer_.erase(0, head_size);
      auto parsed = parse_head(raw_head_);
      if (!parsed) co_return ReadFailure{400, parsed.error()};
      head = std::move(parsed).value();
      co_return std::nullopt;
    }
    const bool was_empty = buffer_.empty();
    is_idle_ = was_empty;
    if (was_empty && server_.stopping) co_return ReadFailure{};
    const bool more = co_await read_some(deadline);
    is_idle_ = false;
    if (!more) {
      if (was_empty || std::chrono::steady_clock::now() < deadline) co_return ReadFailure{};
      co_return ReadFailure{
          408, {ErrorCode::kDeadlineExceeded, "the request's head did not come within 10 s", ""}};
    }
    if (was_empty) deadline = std::chrono::steady_clock::now() + limits.head_timeout;
  }
}

asio::awaitable<std::optional<ReadFailure>> HttpSession::read_chunks(SteadyTime deadline,
                                                                     std::string& body) {
  ChunkedDecoder decoder(server_.options.max_body);
  while (true) {
    std::string_view input = buffer_;
    const auto state = decoder.feed(input, body);
    buffer_.erase(0, buffer_.size() - input.size());
    if (state == ChunkedDecoder::State::kDone) co_return std::nullopt;
    if (state == ChunkedDecoder::State::kBad) {
      co_return ReadFailure{400, invalid_argument("malformed HTTP request: a chunk of the body")};
    }
    if (state == ChunkedDecoder::State::kTooLarge) {
      co_return ReadFailure{413, invalid_argument("the body is larger than 1 MiB; send less")};
    }
    if (!co_await read_some(deadline)) co_return ReadFailure{};
  }
}

asio::awaitable<std::optional<ReadFailure>> HttpSession::read_body(const Head& head,
                                                                   std::string& body) {
  const std::size_t length = head.content_length.value_or(0);
  if (length > server_.options.max_body) {
    co_return ReadFailure{413, invalid_argument("the body has " + std::to_string(length) +
                                                " bytes; at most 1048576 are taken")};
  }
  if (!head.chunked && length == 0) co_return std::nullopt;
  if (head.expect_continue && buffer_.empty()) {
    const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write(go_on)) co_return ReadFailure{};
  }
  const auto deadline = std::chrono::steady_clock::now() + server_.options.body_timeout;
  std::optional<ReadFailure> failure;
  if (head.chunked) {
    failure = co_await read_chunks(deadline, body);
  } else {
    while (buffer_.size() < length && !failure) {
      if (!co_await read_some(deadline)) failure = ReadFailure{};
    }
    if (!failure) {
      body = buffer_.substr(0, length);
      buffer_.erase(0, length);
    }
  }
  if (failure && failure->status == 0 && std::chrono::steady_clock::now() >= deadline) {
    failure =
        ReadFailure{408, {ErrorCode::kDeadlineExceeded, "the body did not come within 30 s", ""}};
  }
  co_return failure;
}

asio::awaitable<bool> HttpSession::write(const std::string& text) {
  stream_.expires_after(server_.options.write_timeout);
  const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(text), kAwait);
  co_return !error;
}

asio::awaitable<void> HttpSession::linger() {
  boost::system::error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  constexpr std::size_t kMost = 4 << 20;
  std::size_t discarded = 0;
  while (discarded < kMost) {
    buffer_.clear();
    if (!co_await read_some(deadline)) break;
    discarded += buffer_.size();
  }
}

Request HttpSession::make_request(const Head& head) const {
  Request request;
  request.method = head.method;
  request.target = head.target;
  request.headers = head.headers;
  request.remote = remote_;
  request.id = request_id(head.header("x-request-id"));
  return request;
}

const WebSocketEndpoint* HttpSession::endpoint_of(const Head& head, const Request& request) const {
  if (!head.upgrade_websocket || head.method != "GET") return nullptr;
  for (const WebSocketEndpoint& endpoint : server_.endpoints) {
    if (endpoint.path == request.path) return &endpoint;
  }
  return nullptr;
}

asio::awaitable<Response> HttpSession::ask(const Handler* handler,
                                           const std::shared_ptr<Request>& request) {
  answer_.reset();
  // Let go of before waiting: the last copy that goes without an answer answers with 500.
  std::optional<Respond> respond;
  respond.emplace([weak = weak_from_this(), request, &server = server_](Response response) {
    const auto self = weak.lock();
    if (!self) return;
    complete_response(server, *request, response);
    asio::post(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
      self->answer_ = std::move(response);
      self->wake_.cancel();
    });
  });
  const bool queued = server_.on_worker([handler, request, respond = *respond] {
    try {
      (*handler)(*request, respond);
    } catch (const std::exception& e) {
      respond(failure(*request, internal_error("the request failed; try again", e.what())));
    }
  });
  if (!queued) {
    (*respond)(failure(*request, unavailable("the server is busy; try again in a few seconds")));
  }
  respond.reset();
  const auto deadline = std::chrono::steady_clock::now() + server_.options.answer_timeout;
  while (!answer_ && std::chrono::steady_clock::now() < deadline) {
    wake_.expires_at(deadline);
    co_await wake_.async_wait(kAwait);
  }
  if (answer_) co_return std::move(*answer_);
  Response late = failure(*request, unavailable("the request took longer than 60 s; try again"));
  complete_response(server_, *request, late);
  co_return late;
}

asio::awaitable<bool> HttpSession::serve(const Head& head,
                                         const std::shared_ptr<Request>& request) {
  const auto started = std::chrono::steady_clock::now();
  const Plan plan = plan_answer(server_, *request);
  Response response;
  if (plan.handler) {
    request->params = plan.params;
    response = co_await ask(plan.handler, request);
  } else {
    response = plan.response;
    complete_response(server_, *request, response);
  }
  const bool in_time = std::chrono::steady_clock::now() - started < server_.options.answer_timeout;
  const bool keep_alive = head.keep_alive && in_time && !server_.stopping;
  record_request(server_, *request, plan.pattern, response.status,
                 std::chrono::steady_clock::now() - started);
  const std::string text = serialize(response, keep_alive, request->method == "HEAD");
  const bool written = co_await write(text);
  if (written && !keep_alive) co_await linger();
  co_return written&& keep_alive;
}

asio::awaitable<bool> HttpSession::serve_one() {
  Head head;
  std::optional<ReadFailure> failed = co_await read_head(head);
  auto request = std::make_shared<Request>(make_request(head));
  if (!failed && head.target.size() > server_.options.max_target) {
    failed = ReadFailure{414, invalid_argument("the target is longer than 8192 bytes")};
  }
  const auto target = failed ? std::nullopt : parse_target(head.target);
  if (target) {
    request->path = target->path;
    request->query = target->query;
  }
  if (!failed) {
    if (const WebSocketEndpoint* endpoint = endpoint_of(head, *request)) {
      stream_.expires_never();
      const std::string received = raw_head_ + buffer_;
      tcp::socket socket = stream_.release_socket();
      co_await serve_web_socket(server_, *endpoint, socket, received, request);
      co_return false;
    }
    failed = co_await read_body(head, request->body);
  }
  if (!failed) co_return co_await serve(head, request);
  if (failed->status == 0) co_return false;
  Response response = failure(*request, failed->error, failed->status);
  complete_response(server_, *request, response);
  record_request(server_, *request, {}, response.status, {});
  const std::string text = serialize(response, false, request->method == "HEAD");
  if (co_await write(text)) co_await linger();
  co_return false;
}

asio::awaitable<void> HttpSession::run() {
  try {
    while (co_await serve_one()) {
    }
  } catch (const std::exception& e) {
    log::error("a connection failed", {{"error", e.what()}});
  }
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
}

/// The coroutine's frame keeps the session alive.
asio::awaitable<void> run_session(std::shared_ptr<HttpSession> session) { co_await session->run(); }

}  // namespace

void start_http_session(ServerState& server, tcp::socket socket) {
  const auto executor = socket.get_executor();
  auto session = std::make_shared<HttpSession>(server, std::move(socket));
  server.add(session);
  asio::co_spawn(executor, run_session(std::move(session)), asio::detached);
}

}  // namespace millwright::http
