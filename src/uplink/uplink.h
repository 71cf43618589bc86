#pragma once
/// Delivers messages to a hub. The vocabulary is the wire's own: proto/millwright/ingest/v1.
///
/// Threads: the methods of one object are called by one thread at a time; the callbacks that are
/// handed in come from any thread and must not block.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::uplink {

using ClientMessage = ::millwright::ingest::v1::ClientMessage;
using ServerMessage = ::millwright::ingest::v1::ServerMessage;

struct Credentials {
  std::string tenant;
  std::string device;
  std::string device_secret;
};

struct Token {
  std::string text;
  Timestamp expires_at{};
};

/// One stream to the hub. Destroying it cancels what is under way.
class Session {
 public:
  virtual ~Session() = default;
  /// Takes a message for sending, in order. False when the queue is full (a few messages): try
  /// again after the next wake-up.
  virtual bool send(const ClientMessage& message) = 0;
  /// The hub's next message, if one has come. What came before the end is still yielded after it.
  virtual std::optional<ServerMessage> receive() = 0;
  /// Why the stream is over; missing while it is not.
  virtual std::optional<Error> ended() const = 0;
  /// Says that nothing more will be sent, waits until what was taken is sent, at most `patience`.
  virtual void finish(std::chrono::milliseconds patience) = 0;
};

class Uplink {
 public:
  virtual ~Uplink() = default;
  /// Answers within 10 s through `done`, possibly before this returns.
  /// Errors: kUnauthenticated or kNotFound for a wrong secret or device, kUnavailable for a hub
  /// that cannot be reached.
  virtual void request_token(const Credentials& credentials,
                             std::function<void(Result<Token>)> done) = 0;
  /// Opens a stream. `wake` is called when receive(), send() or ended() may answer differently.
  virtual std::unique_ptr<Session> open(const std::string& token, std::function<void()> wake) = 0;
};

}  // namespace millwright::uplink
