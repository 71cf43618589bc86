#include "base/text.h"
#include "connectors/simulated/sensor_factory.h"
#include "edge/machine.h"
#include "edge_config.h"

namespace millwright {
namespace {

Error refused(const std::string& place, const std::string& message) {
  return invalid_argument(place + ": " + message);
}

/// A message about a sensor begins with the key, when one key is to blame.
Error sensor_refused(const SensorSpec& spec, const ConfigPlaces& places, const Error& error) {
  std::string key = error.message.substr(0, error.message.find_first_of(" :"));
  if (error.code == ErrorCode::kAlreadyExists) key = "identifier";
  return refused(places.of(key), "sensor " + quote(spec.identifier) + ": " + error.message);
}

Error replay_refused(const replay::ReplayOptions& options, const ConfigPlaces& places,
                     const Error& error) {
  for (const replay::ReplayColumn& column : options.columns) {
    if (error.message.find(quote(column.column) + ";") == std::string::npos &&
        error.message.find(quote(column.column) + ":") == std::string::npos) {
      continue;
    }
    return refused(places.of("columns." + column.column), "replay.columns: " + error.message);
  }
  return refused(places.of("file"), "replay.file: " + error.message);
}

}  // namespace

Result<> check_machine(const EdgeConfig& config, const Clock& clock) {
  edge::Machine machine(simulated::create_sensor);
  for (std::size_t i = 0; i < config.sensors.size(); ++i) {
    const SensorSpec& spec = config.sensors[i];
    if (auto added = machine.add_sensor(spec, Moment::of(clock)); !added) {
      return sensor_refused(spec, config.sensor_places[i], added.error());
    }
  }
  for (std::size_t i = 0; i < config.replays.size(); ++i) {
    const replay::ReplayOptions& options = config.replays[i];
    const ConfigPlaces& places = config.replay_places[i];
    auto replay = replay::ReplayConnector::create(options, Moment::of(clock));
    if (!replay) return replay_refused(options, places, replay.error());
    auto added = machine.add_connector("replay of " + options.file, std::move(replay).value());
    if (!added) return refused(places.table, "replay: " + added.error().message);
  }
  return {};
}

}  // namespace millwright
