#pragma once
/// A command to a connected device, and the device's answer, as the devices' contract spells them.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace millwright {

/// What travels to a device. `fields` are put beside the common ones: sensor_identifier,
/// sensor_type, path, sampling_interval, data. A field that does not apply is null.
struct Command {
  std::string message_type;  ///< "command" or "sensor_management"
  std::string command;       ///< "get_connection_state", "add_sensor" ...
  nlohmann::json fields = nlohmann::json::object();
};

/// What the device said. Its words are handed on as they are.
struct CommandAnswer {
  bool success = false;
  std::string message;
  nlohmann::json data;  ///< null where the device sent none
};

/// The text of the message that goes to the device. `at` is written in UTC without an offset, as
/// the devices expect it.
std::string encode_command(const Command& command, const TenantId& tenant, const DeviceId& device,
                           std::string_view message_id, Timestamp at);

/// A random UUID, version 4. Not to be guessed: an answer is matched by it.
std::string new_message_id();

}  // namespace millwright
