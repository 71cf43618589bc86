#pragma once
/// Registers a device with the device management API.

#include <optional>
#include <string>

#include "base/result.h"

namespace millwright::uplink {

struct RegistrationRequest {
  std::string api_url;  ///< http://host:port
  std::string tenant;
  std::string device;
  std::string timezone;  ///< IANA name
  std::string description;
  std::optional<double> longitude_deg;
  std::optional<double> latitude_deg;
  std::string city;
  std::string country;
  std::string claim;  ///< single use; empty: none
};

struct Registration {
  std::string message;
  std::optional<std::string> device_secret;  ///< missing for a device that was known already
};

/// Blocks for at most 15 s. Errors: kUnavailable when the service cannot be reached or fails,
/// kInvalidArgument, kPermissionDenied, kNotFound with the service's own sentence.
Result<Registration> register_device(const RegistrationRequest& request);

}  // namespace millwright::uplink
