#include "connectors/simulated/sensor_factory.h"

#include <cctype>
#include <cmath>

#include "connectors/simulated/scalar_sensor.h"
#include "connectors/simulated/vibration_sensor.h"

namespace millwright::simulated {

Result<std::unique_ptr<Connector>> create_sensor(const SensorSpec& spec, Moment start) {
  if (spec.type == SensorType::kVibration) {
    MW_ASSIGN(auto sensor, VibrationSensor::create(spec, start));
    return std::unique_ptr<Connector>(std::move(sensor));
  }
  return std::unique_ptr<Connector>(new ScalarSensor(spec, start));
}

std::uint64_t sensor_seed(const SensorSpec& spec) {
  // FNV-1a, 64 bit: the same on every machine, unlike std::hash.
  std::uint64_t hash = 0xcbf29ce484222325u ^ spec.seed;
  for (const char c : spec.path + "/" + spec.identifier) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return hash;
}

std::string readable_name(const std::string& identifier) {
  std::string name = identifier;
  for (char& c : name) {
    if (c == '.' || c == '_') c = ' ';
  }
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

Microseconds interval_of(const SensorSpec& spec) {
  return Microseconds(std::llround(spec.sampling_interval_s * 1e6));
}

}  // namespace millwright::simulated
