#pragma once
/// A WebSocket as its protocols see it. No network library shows here.
///
/// Threads: send() and close() from any thread, never blocking. The handler's methods are called
/// one after the other on the worker pool and may block there for the time of a store's call; the
/// next message is read when the handler is done, so a slow handler slows its peer down.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http/message.h"

namespace millwright::http {

class WebSocketConnection {
 public:
  virtual ~WebSocketConnection() = default;
  /// Queues a text. A peer that does not read: after 1 MiB of backlog it is closed with 4429.
  virtual void send(std::string text) = 0;
  /// Bytes that wait to be sent.
  virtual std::size_t backlog() const = 0;
  /// Sends what is queued, then the close frame. `code` 1000 to 1014 or 4000 to 4999.
  virtual void close(std::uint16_t code, std::string reason) = 0;
};

class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void on_text(std::string_view text) = 0;
  /// About every 2 seconds, for time-outs and to see whether the caller's rights still hold.
  virtual void on_tick() {}
  /// The connection has ended, whoever ended it. Nothing is called afterwards.
  virtual void on_close() {}
};

/// Either a handler, or why the upgrade is refused (a plain HTTP answer).
using WebSocketAccept = Result<std::unique_ptr<WebSocketHandler>>;

struct WebSocketEndpoint {
  std::string path;
  /// In order of preference. A client that asks for none of them is refused where `must_agree`.
  std::vector<std::string> subprotocols;
  bool must_agree = false;
  /// Called on the worker pool before the upgrade is answered; send() already queues.
  std::function<WebSocketAccept(const Request&, std::shared_ptr<WebSocketConnection>)> accept;
};

}  // namespace millwright::http
