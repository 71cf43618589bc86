#pragma once
/// Answers what the device management service asks over the command channel.
///
/// Messages are those of the devices that exist already: message_type `command` with
/// get_connection_state, and `sensor_management` with add_sensor, remove_sensor, get_sensors; the
/// answer is a command_response with status success or failure. Thread-safe as Agent is.

#include <optional>
#include <string>
#include <string_view>

#include "edge/agent.h"

namespace millwright::edge {

class Commands {
 public:
  Commands(Agent& agent, const Clock& clock, std::string tenant, std::string device);

  /// The answer to a message; missing for one that asks for nothing.
  std::optional<std::string> handle(std::string_view message);

 private:
  Agent& agent_;
  const Clock& clock_;
  std::string tenant_;
  std::string device_;
};

}  // namespace millwright::edge
