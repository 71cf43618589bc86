#pragma once
/// Makes a simulated sensor from its specification.

#include <memory>

#include "connectors/connector.h"
#include "connectors/sensor_spec.h"

namespace millwright::simulated {

/// The first reading is due at `start`.
/// Errors: kInvalidArgument naming the member of the specification.
Result<std::unique_ptr<Connector>> create_sensor(const SensorSpec& spec, Moment start);

/// The specification's seed mixed with identifier and path, so that two sensors differ.
std::uint64_t sensor_seed(const SensorSpec& spec);
/// "temperature.ambient" becomes "Temperature ambient".
std::string readable_name(const std::string& identifier);
Microseconds interval_of(const SensorSpec& spec);

}  // namespace millwright::simulated
