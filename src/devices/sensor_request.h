#pragma once
/// What a sensor of an edge device may be set to, checked before it travels.
///
/// Source of the ranges: the disturbance model x' = x + white noise + random spikes + drift, and
/// the six gear conditions. Pure; any thread.

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace millwright {

/// Checks `sensor_identifier`, `sensor_type`, `path`, `sampling_interval` and `data` of an
/// add_sensor request and answers them as fields of the command, absent ones as null.
/// Errors: kInvalidArgument naming field and value.
Result<nlohmann::json> check_add_sensor(const nlohmann::json& body);
/// `sensor_identifier`, and `path` where the same identifier exists at more than one.
Result<nlohmann::json> check_sensor_name(const nlohmann::json& body);
/// `sensor_identifier` and `anomalies`: [{start, end, anomalie_type, mean, std}], 1 to 100.
Result<nlohmann::json> check_anomalies(const nlohmann::json& body);

}  // namespace millwright
