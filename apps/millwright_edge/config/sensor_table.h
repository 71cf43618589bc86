#pragma once
/// A [[sensor]] table of the configuration file.

#include "connectors/sensor_spec.h"
#include "edge_config.h"
#include "toml_reader.h"

namespace millwright {

/// Stricter than parse_sensor(), which must live with members that it does not know: here every
/// unknown key is refused, inside disturbances too, and so is a key that the type has no use for.
/// Errors: kInvalidArgument with the place of the key that is wrong.
Result<SensorSpec> read_sensor(const toml::table& table, const std::string& file);

ConfigPlaces places_of(const toml::table& table, const std::string& file);

}  // namespace millwright
