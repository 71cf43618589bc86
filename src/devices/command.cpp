#include "devices/command.h"

#include <array>
#include <random>

#include "base/text.h"

namespace millwright {

std::string encode_command(const Command& command, const TenantId& tenant, const DeviceId& device,
                           std::string_view message_id, Timestamp at) {
  nlohmann::json message = command.fields.is_object() ? command.fields : nlohmann::json::object();
  std::string timestamp = format_utc(at);
  if (timestamp.ends_with('Z')) timestamp.pop_back();
  message["message_type"] = command.message_type;
  message["command"] = command.command;
  message["tenant_identifier"] = tenant.str();
  message["device_identifier"] = device.str();
  message["message_id"] = message_id;
  message["timestamp"] = timestamp;
  if (!message.contains("data")) message["data"] = nullptr;
  return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string new_message_id() {
  std::random_device random;  // the kernel's generator: not to be guessed
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const std::uint32_t word = random();
    for (std::size_t k = 0; k < 4; ++k) bytes[i + k] = static_cast<std::uint8_t>(word >> (8 * k));
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace millwright
