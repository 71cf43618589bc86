#pragma once
/// Devices that are connected at this moment, and the commands that wait for their answers.
///
/// A device has one connection: a second one replaces the first, which is closed. An answer counts
/// only when its message id waits for exactly the device that sends it.
///
/// Threads: any. Callbacks run on the thread that brought the answer, the end of the connection or
/// the tick, without a lock held. The clock is asked for steady time only.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "devices/command.h"

namespace millwright {

/// The way to one connected device. Implemented by a transport; neither call may block.
class DeviceChannel {
 public:
  virtual ~DeviceChannel() = default;
  virtual void send(std::string text) = 0;
  /// Another connection of the same device has taken over, or the device was removed.
  virtual void close(std::string reason) = 0;
};

class DeviceConnections {
 public:
  static constexpr std::chrono::seconds kTimeout{30};
  using Callback = std::function<void(Result<CommandAnswer>)>;

  explicit DeviceConnections(const Clock& clock);
  ~DeviceConnections();

  /// Names one connection, so that a late disconnect() of a replaced one does no harm.
  enum class ConnectionId : std::uint64_t {};
  ConnectionId connect(const TenantId& tenant, const DeviceId& device,
                       std::shared_ptr<DeviceChannel> channel);
  /// Commands that wait for this connection end with kUnavailable.
  void disconnect(const TenantId& tenant, const DeviceId& device, ConnectionId connection);
  /// Closes the device's connection, if any.
  void drop(const TenantId& tenant, const DeviceId& device, const std::string& reason);
  bool is_connected(const TenantId& tenant, const DeviceId& device) const;

  /// Sends a command; `done` is called exactly once: with the device's answer, with
  /// kDeadlineExceeded after `timeout`, or with kUnavailable at once where the device is not
  /// connected, and as soon as its connection ends.
  void send_command(const TenantId& tenant, const DeviceId& device, const Command& command,
                    Callback done, std::chrono::milliseconds timeout = kTimeout);

  /// Hands in the answer of a device. Errors: kNotFound where nothing waits for this message id
  /// from this device (late, unknown, or another device's).
  Result<> answer(const TenantId& tenant, const DeviceId& device, const std::string& message_id,
                  CommandAnswer answer);

  /// Ends the commands whose time is over. Call it a few times a second.
  void tick();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millwright
