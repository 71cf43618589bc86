#include "uplink/device_api/command_channel.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/log.h"

namespace millwright::uplink {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using nlohmann::json;

constexpr std::size_t kMaxMessageBytes = 1 << 20;
constexpr auto kTokenPollInterval = std::chrono::milliseconds(200);
constexpr auto kLeaveTime = std::chrono::seconds(1);
constexpr auto kTarget = "/ws/v1/tenants/devices";

using Socket = websocket::stream<beast::tcp_stream>;

websocket::stream_base::timeout timeouts() {
  websocket::stream_base::timeout options{};
  options.handshake_timeout = std::chrono::seconds(5);
  options.idle_timeout = std::chrono::seconds(30);
  options.keep_alive_pings = true;
  return options;
}

}  // namespace

class CommandChannel::Connection {
 public:
  explicit Connection(CommandChannelOptions options)
      : options_(std::move(options)),
        backoff_(options_.backoff, std::random_device{}()),
        pause_(io_) {}

  void start() {
    asio::co_spawn(io_, run(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      is_stopping_ = true;
      pause_.cancel();
      if (socket_ && socket_->is_open()) {
        // Beside the pending read: cancelling a read to close would lose the close frame.
        socket_->async_close(websocket::close_code::going_away, [](error_code) {});
      } else {
        io_.stop();
      }
    });
    deadline_.emplace(io_, kLeaveTime);
    deadline_->async_wait([this](error_code) { io_.stop(); });
    thread_.join();
  }

 private:
  asio::awaitable<void> run() {
    while (!is_stopping_) {
      auto wait = kTokenPollInterval;
      if (const auto token = options_.token()) {
        try {
          co_await converse(*token);
        } catch (const boost::system::system_error& failure) {  // a lost or unwilling peer
          say_lost(failure.code().message());
        } catch (const std::exception& failure) {  // must not end the agent
          say_lost(failure.what());
        }
        socket_.reset();
        wait = backoff_.next();
      }
      if (is_stopping_) break;
      pause_.expires_after(wait);
      error_code ignored;
      co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    io_.stop();
  }

  asio::awaitable<void> converse(const std::string& token) {
    asio::ip::tcp::resolver resolver(io_);
    const auto places =
        co_await resolver.async_resolve(options_.host, options_.port, asio::use_awaitable);
    socket_.emplace(io_);
    socket_->set_option(timeouts());
    socket_->set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      request.set(beast::http::field::authorization, "Bearer " + token);
      request.set(beast::http::field::user_agent, "millwright-edge");
    }));
    socket_->read_message_max(kMaxMessageBytes);
    beast::get_lowest_layer(*socket_).expires_after(std::chrono::seconds(5));
    co_await beast::get_lowest_layer(*socket_).async_connect(places, asio::use_awaitable);
    beast::get_lowest_layer(*socket_).expires_never();
    co_await socket_->async_handshake(options_.host + ":" + options_.port, kTarget,
                                      asio::use_awaitable);
    co_await send(connect_message());
    // Until a read fails, also while stopping: the close handshake needs the read beside it, and a
    // socket that is dropped in the middle of it would cut the close frame off.
    for (;;) {
      beast::flat_buffer buffer;
      co_await socket_->async_read(buffer, asio::use_awaitable);
      const std::string text = beast::buffers_to_string(buffer.data());
      if (is_connect_answer(text)) continue;
      if (const auto answer = options_.handle(text)) co_await send(*answer);
    }
  }

  /// A reason that repeats itself is said once.
  void say_lost(const std::string& reason) {
    if (is_stopping_ || reason == said_) return;
    said_ = reason;
    log::info("the command channel is not connected", {{"reason", reason}});
  }

  asio::awaitable<void> send(std::string text) {
    socket_->text(true);
    co_await socket_->async_write(asio::buffer(text), asio::use_awaitable);
  }

  // Not inside the coroutine: g++ 12 fails on lists of braces there.
  std::string connect_message() const {
    return json{{"message_type", "connect"},
                {"tenant_identifier", options_.tenant},
                {"device_identifier", options_.device}}
        .dump();
  }

  bool is_connect_answer(const std::string& text) {
    const json message = json::parse(text, nullptr, false);
    if (!message.is_object() || message.value("message_type", json()) != "connect_ack") {
      return false;
    }
    if (message.value("status", json()) == "success") {
      backoff_.succeeded();
      said_.clear();
      log::info("the command channel is connected");
    } else {
      log::warning("the command channel was refused", {{"answer", message}});
    }
    return true;
  }

  CommandChannelOptions options_;
  Backoff backoff_;
  asio::io_context io_{1};
  asio::steady_timer pause_;
  std::optional<asio::steady_timer> deadline_;
  std::optional<Socket> socket_;
  std::string said_;
  bool is_stopping_ = false;  // of the channel's thread
  std::thread thread_;
};

CommandChannel::CommandChannel(CommandChannelOptions options)
    : connection_(std::make_unique<Connection>(std::move(options))) {}
CommandChannel::~CommandChannel() { stop(); }
void CommandChannel::start() { connection_->start(); }
void CommandChannel::stop() { connection_->stop(); }

}  // namespace millwright::uplink
