#pragma once
/// A machine or gateway that sends data.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace millwright {

/// The numbers are those of the wire.
enum class DeviceStatus { kOnline = 10, kOffline = 20, kError = 30, kUnknown = 40 };

/// "online", "offline", "error", "unknown".
std::string_view to_string(DeviceStatus status);
/// Errors: kInvalidArgument for a number that the wire does not know.
Result<DeviceStatus> device_status_from_wire(int value);

struct Device {
  DeviceId id;
  std::string description;
  std::string timezone;  ///< IANA name, required
  std::optional<double> longitude_deg;
  std::optional<double> latitude_deg;
  std::string city;
  std::string country;
  DeviceStatus status = DeviceStatus::kUnknown;
  std::optional<Timestamp> latest_activity;  ///< newest status or stored sample, by arrival
  Timestamp registered_at{};
};

/// Checks what a person or a device may have written: a known time zone, -180..180, -90..90, texts
/// of at most 1,024 bytes of UTF-8. Errors: kInvalidArgument naming field and value.
Result<> validate(const Device& device);

}  // namespace millwright
