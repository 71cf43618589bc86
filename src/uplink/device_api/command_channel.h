#pragma once
/// The WebSocket over which the device management service sends commands.
///
/// Runs on a thread of its own: connects, says who it is, hands each message to `handle` and sends
/// what that answers; after a loss it connects again with back-off until stop().

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "uplink/backoff.h"

namespace millwright::uplink {

struct CommandChannelOptions {
  std::string host;
  std::string port;
  std::string tenant;
  std::string device;
  BackoffOptions backoff;
  /// The token to connect with; missing: try again soon. Called on the channel's thread.
  std::function<std::optional<std::string>()> token;
  /// Answers a message of the service; missing: no answer. Called on the channel's thread.
  std::function<std::optional<std::string>(std::string_view message)> handle;
};

class CommandChannel {
 public:
  explicit CommandChannel(CommandChannelOptions options);
  /// Stops.
  ~CommandChannel();
  CommandChannel(const CommandChannel&) = delete;
  CommandChannel& operator=(const CommandChannel&) = delete;

  void start();
  /// Takes leave of the service, at most 1 s; waits for the thread.
  void stop();

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace millwright::uplink
