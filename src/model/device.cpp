#include "model/device.h"

#include <cmath>

#include "base/text.h"
#include "model/timezone.h"

namespace millwright {
namespace {

constexpr std::size_t kMaxText = 1024;

Result<> check_text(std::string_view field, const std::string& text) {
  if (text.size() > kMaxText) {
    return invalid_argument(std::string(field) + " is longer than 1024 bytes: " + quote(text));
  }
  if (!is_utf8(text) || text.find('\0') != std::string::npos) {
    return invalid_argument(std::string(field) + " " + quote(text) + " is not valid UTF-8 text");
  }
  return {};
}

Result<> check_degrees(std::string_view field, const std::optional<double>& value, double limit) {
  if (value && !(std::abs(*value) <= limit)) {
    return invalid_argument(std::string(field) + " " + std::to_string(*value) + " is not within -" +
                            std::to_string(int(limit)) + " to " + std::to_string(int(limit)) +
                            " degrees");
  }
  return {};
}

}  // namespace

std::string_view to_string(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kOnline:
      return "online";
    case DeviceStatus::kOffline:
      return "offline";
    case DeviceStatus::kError:
      return "error";
    case DeviceStatus::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Result<DeviceStatus> device_status_from_wire(int value) {
  switch (value) {
    case 10:
      return DeviceStatus::kOnline;
    case 20:
      return DeviceStatus::kOffline;
    case 30:
      return DeviceStatus::kError;
    case 40:
      return DeviceStatus::kUnknown;
    default:
      return invalid_argument("status " + std::to_string(value) +
                              " is unknown; use 10 online, 20 offline, 30 error or 40 unknown");
  }
}

Result<> validate(const Device& device) {
  MW_TRY(check_text("description", device.description));
  MW_TRY(check_text("city", device.city));
  MW_TRY(check_text("country", device.country));
  MW_TRY(check_timezone(device.timezone));
  MW_TRY(check_degrees("long", device.longitude_deg, 180));
  MW_TRY(check_degrees("lat", device.latitude_deg, 90));
  return {};
}

}  // namespace millwright
