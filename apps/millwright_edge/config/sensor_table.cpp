#include "sensor_table.h"

#include <cctype>

#include "base/text.h"

namespace millwright {
namespace {

using nlohmann::json;
using Keys = std::initializer_list<const char*>;

constexpr Keys kCommonKeys = {"identifier", "type",         "path", "sampling_interval",
                              "unit",       "display_name", "seed"};
constexpr Keys kScalarKeys = {"offset", "ar", "ma", "std", "disturbances"};
constexpr Keys kVibrationKeys = {"fault_type", "speed", "load"};

/// The file's key and the member of the JSON form, where the two differ in name or place.
constexpr std::pair<const char*, const char*> kRenamed[] = {
    {"identifier", "sensor_identifier"},
    {"type", "sensor_type"},
    {"path", "path"},
    {"sampling_interval", "sampling_interval"}};

/// Empty for a type that does not exist; parse_sensor() refuses that one.
Keys parameters_of(std::string_view type) {
  static constexpr Keys kNoise = {"mean", "std"};
  static constexpr Keys kSpike = {"probability", "spike_range"};
  static constexpr Keys kDrift = {"rate", "start"};
  if (type == "white_noise") return kNoise;
  if (type == "random_spike") return kSpike;
  if (type == "drift") return kDrift;
  return {};
}

void allow(TableReader& reader, Keys keys) {
  for (const char* key : keys) reader.node(key);
}

Result<> check_disturbance(const toml::table& table, const std::string& file) {
  const Keys parameters = parameters_of(table["disturbance_type"].value_or(std::string_view()));
  if (parameters.size() == 0) return {};
  TableReader reader(table, "sensor.disturbances", file);
  allow(reader, {"disturbance_type", "parameters"});
  const toml::node* inner = table.get("parameters");
  if (inner == nullptr) {
    allow(reader, parameters);
  } else if (!inner->is_table()) {
    reader.refuse("parameters", "expected a table such as {mean = 0.0, std = 0.1}");
  }
  MW_TRY(reader.finish());
  if (inner == nullptr) return {};
  TableReader inner_reader(*inner->as_table(), "sensor.disturbances.parameters", file);
  allow(inner_reader, parameters);
  return inner_reader.finish();
}

Result<> check_disturbances(const toml::table& table, const std::string& file) {
  const toml::array* list = table["disturbances"].as_array();
  if (list == nullptr) return {};
  for (const toml::node& item : *list) {
    if (const toml::table* inner = item.as_table()) MW_TRY(check_disturbance(*inner, file));
  }
  return {};
}

Result<> check_fits_type(const toml::table& table, const std::string& file) {
  const bool is_vibration = table["type"].value_or(std::string_view()) == "vibration";
  for (const char* key : is_vibration ? kScalarKeys : kVibrationKeys) {
    const toml::node* found = table.get(key);
    if (found == nullptr) continue;
    return error_at(file, found->source(),
                    std::string("sensor.") + key + " means nothing for a " +
                        table["type"].value_or(std::string()) + " sensor; remove it");
  }
  return {};
}

/// The name that a message of parse_sensor() begins with, taken off the message.
std::string take_name(std::string_view* message) {
  std::size_t size = 0;
  while (size < message->size() &&
         (std::isalnum(static_cast<unsigned char>((*message)[size])) || (*message)[size] == '_')) {
    ++size;
  }
  std::string name(message->substr(0, size));
  message->remove_prefix(size);
  return name;
}

/// The value that a message of parse_sensor() complains about, as near as it can be told:
/// "std is '-1'; ..." or "disturbances[0]: rate is 'x'; ...".
const toml::node& blamed(const toml::table& table, std::string_view message) {
  std::string name = take_name(&message);
  for (const auto& [key, member] : kRenamed) {
    if (name == member) name = key;
  }
  const toml::node* found = table.get(name);
  if (found == nullptr) return table;
  if (name != "disturbances" || !found->is_array() || !message.starts_with('[')) return *found;
  message.remove_prefix(1);
  const std::size_t index = std::strtoul(take_name(&message).c_str(), nullptr, 10);
  const toml::node* item = found->as_array()->get(index);
  if (item == nullptr || !message.starts_with("]: ")) return *found;
  message.remove_prefix(3);
  const std::string inner_name = take_name(&message);
  const toml::node* places[] = {item,
                                item->is_table() ? item->as_table()->get("parameters") : nullptr};
  for (const toml::node* place : places) {
    if (place == nullptr || !place->is_table()) continue;
    if (const toml::node* value = place->as_table()->get(inner_name)) return *value;
  }
  return *item;
}

}  // namespace

Result<SensorSpec> read_sensor(const toml::table& table, const std::string& file) {
  TableReader reader(table, "sensor", file);
  for (const Keys& keys : {kCommonKeys, kScalarKeys, kVibrationKeys}) allow(reader, keys);
  for (const char* key : {"identifier", "type", "sampling_interval"}) reader.require(key);
  MW_TRY(reader.finish());
  MW_TRY(check_disturbances(table, file));
  json sensor = {{"data", to_json(table)}};
  for (const auto& [key, member] : kRenamed) {
    if (const toml::node* value = table.get(key)) sensor[member] = to_json(*value);
  }
  auto spec = parse_sensor(sensor);
  if (!spec) {
    const std::string& message = spec.error().message;
    return error_at(file, blamed(table, message).source(), "sensor: " + message);
  }
  MW_TRY(check_fits_type(table, file));
  return spec;
}

ConfigPlaces places_of(const toml::table& table, const std::string& file) {
  ConfigPlaces places;
  places.table = place_of(file, table.source());
  for (const auto& [key, value] : table) {
    places.keys[std::string(key.str())] = place_of(file, value.source());
  }
  return places;
}

}  // namespace millwright
