#include "connectors/sensor_spec.h"

#include <cmath>

#include "base/clock.h"
#include "base/ids.h"
#include "base/text.h"

namespace millwright {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxOrder = 16;
constexpr std::size_t kMaxDisturbances = 16;
constexpr std::size_t kMaxAnomalies = 100;

std::string shown(const json& value) {
  return quote(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// The member, or null when it is missing.
const json& member(const json& object, const char* name) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(name);
  return it == object.end() ? kNull : *it;
}

Result<double> number(const json& value, const std::string& name, double low, double high) {
  if (!value.is_number()) {
    return invalid_argument(name + " is " + shown(value) + "; expected a number");
  }
  const double number = value.get<double>();
  if (!(number >= low && number <= high)) {
    return invalid_argument(name + " is " + shown(value) + "; expected " + json(low).dump() +
                            " to " + json(high).dump());
  }
  return number;
}

Result<> read_number(const json& object, const char* name, double low, double high, double* out) {
  const json& value = member(object, name);
  if (value.is_null()) return {};
  MW_ASSIGN(*out, number(value, name, low, high));
  return {};
}

Result<> read_optional(const json& object, const char* name, double low, double high,
                       std::optional<double>* out) {
  double value = 0;
  if (member(object, name).is_null()) return {};
  MW_TRY(read_number(object, name, low, high, &value));
  *out = value;
  return {};
}

Result<> read_text(const json& object, const char* name, std::string* out) {
  const json& value = member(object, name);
  if (value.is_null()) return {};
  if (!value.is_string()) {
    return invalid_argument(std::string(name) + " is " + shown(value) + "; expected a text");
  }
  *out = value.get<std::string>();
  if (out->size() > 256 || !is_utf8(*out)) {
    return invalid_argument(std::string(name) + " is " + quote(*out) +
                            "; expected at most 256 bytes of UTF-8");
  }
  return {};
}

Result<> read_coefficients(const json& object, const char* name,
                           std::optional<std::vector<double>>* out) {
  const json& value = member(object, name);
  if (value.is_null()) return {};
  if (!value.is_array() || value.size() > kMaxOrder) {
    return invalid_argument(std::string(name) + " is " + shown(value) +
                            "; expected a list of at most 16 numbers");
  }
  std::vector<double> list;
  for (const json& item : value) {
    MW_ASSIGN(const double coefficient, number(item, name, -1e3, 1e3));
    list.push_back(coefficient);
  }
  *out = std::move(list);
  return {};
}

Result<Disturbance> parse_disturbance(const json& item) {
  std::string type;
  MW_TRY(read_text(item, "disturbance_type", &type));
  const json& parameters = member(item, "parameters");
  const json& from = parameters.is_null() ? item : parameters;
  if (type == "white_noise") {
    WhiteNoise noise;
    MW_TRY(read_number(from, "mean", -1e9, 1e9, &noise.mean));
    MW_TRY(read_number(from, "std", 0, 1e9, &noise.std));
    return Disturbance(noise);
  }
  if (type == "random_spike") {
    RandomSpike spike;
    MW_TRY(read_number(from, "probability", 0, 1, &spike.probability));
    const json& range = member(from, "spike_range");
    if (!range.is_array() || range.size() != 2) {
      return invalid_argument("spike_range is " + shown(range) + "; expected [low, high]");
    }
    MW_ASSIGN(spike.low, number(range[0], "spike_range[0]", -1e9, 1e9));
    MW_ASSIGN(spike.high, number(range[1], "spike_range[1]", spike.low, 1e9));
    return Disturbance(spike);
  }
  if (type == "drift") {
    Drift drift;
    double start = 0;
    MW_TRY(read_number(from, "rate", -1e9, 1e9, &drift.rate));
    MW_TRY(read_number(from, "start", 0, 1e15, &start));
    drift.start = static_cast<std::uint64_t>(start);
    return Disturbance(drift);
  }
  return invalid_argument("disturbance_type is " + quote(type) +
                          "; expected white_noise, random_spike or drift");
}

Result<> read_disturbances(const json& object, std::vector<Disturbance>* out) {
  const json& list = member(object, "disturbances");
  if (list.is_null()) return {};
  if (!list.is_array() || list.size() > kMaxDisturbances) {
    return invalid_argument("disturbances is " + shown(list) +
                            "; expected a list of at most 16 objects");
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto disturbance = parse_disturbance(list[i]);
    if (!disturbance) {
      return invalid_argument("disturbances[" + std::to_string(i) +
                              "]: " + disturbance.error().message);
    }
    out->push_back(*disturbance);
  }
  return {};
}

Result<std::int64_t> parse_time(const json& object, const char* name) {
  const json& value = member(object, name);
  if (value.is_number()) {
    MW_ASSIGN(const double seconds, number(value, name, 0, 4e9));
    return static_cast<std::int64_t>(seconds * 1e6);
  }
  if (!value.is_string()) {
    return invalid_argument(std::string(name) + " is " + shown(value) +
                            "; expected a time such as 2026-11-25T09:30:00");
  }
  MW_ASSIGN(const Timestamp time, parse_utc(value.get_ref<const std::string&>()));
  return to_us(time);
}

Result<InjectedAnomaly> parse_anomaly(const json& item) {
  InjectedAnomaly anomaly;
  MW_ASSIGN(anomaly.start_us, parse_time(item, "start"));
  MW_ASSIGN(anomaly.end_us, parse_time(item, "end"));
  if (anomaly.end_us <= anomaly.start_us) {
    return invalid_argument("end is " + shown(member(item, "end")) + "; expected it after start");
  }
  MW_TRY(read_text(item, "anomalie_type", &anomaly.type));
  MW_TRY(read_number(item, "mean", -1e9, 1e9, &anomaly.mean));
  MW_TRY(read_number(item, "std", 0, 1e9, &anomaly.std));
  return anomaly;
}

Result<SensorType> parse_type(const std::string& text) {
  for (const SensorType type :
       {SensorType::kTemperature, SensorType::kHumidity, SensorType::kVibration}) {
    if (text == to_string(type)) return type;
  }
  return invalid_argument("sensor_type is " + quote(text) +
                          "; expected temperature, humidity or vibration");
}

Result<> parse_data(const json& data, SensorSpec* spec) {
  if (!data.is_null() && !data.is_object()) {
    return invalid_argument("data is " + shown(data) + "; expected an object");
  }
  MW_TRY(read_text(data, "unit", &spec->unit));
  MW_TRY(read_text(data, "display_name", &spec->display_name));
  double seed = static_cast<double>(spec->seed);
  MW_TRY(read_number(data, "seed", 0, 9e15, &seed));
  spec->seed = static_cast<std::uint64_t>(seed);
  MW_TRY(read_optional(data, "offset", -1e9, 1e9, &spec->offset));
  MW_TRY(read_coefficients(data, "ar", &spec->ar));
  MW_TRY(read_coefficients(data, "ma", &spec->ma));
  MW_TRY(read_optional(data, "std", 0, 1e9, &spec->std));
  MW_TRY(read_disturbances(data, &spec->disturbances));
  if (const json& anomalies = member(data, "anomalies"); !anomalies.is_null()) {
    MW_ASSIGN(spec->anomalies, parse_anomalies(anomalies));
  }
  MW_TRY(read_text(data, "fault_type", &spec->fault_type));
  MW_TRY(read_number(data, "speed", 1, 100, &spec->speed_hz));
  MW_TRY(read_number(data, "load", 0, 200, &spec->load_nm));
  if (spec->ar && !is_stable(*spec->ar)) {
    return invalid_argument("ar is " + shown(json(*spec->ar)) +
                            "; such a process grows without bound, take smaller coefficients");
  }
  return {};
}

json to_json(const InjectedAnomaly& anomaly) {
  return {{"start", format_utc(from_us(anomaly.start_us))},
          {"end", format_utc(from_us(anomaly.end_us))},
          {"anomalie_type", anomaly.type},
          {"mean", anomaly.mean},
          {"std", anomaly.std}};
}

json to_json(const Disturbance& disturbance) {
  if (const auto* noise = std::get_if<WhiteNoise>(&disturbance)) {
    return {{"disturbance_type", "white_noise"},
            {"parameters", {{"mean", noise->mean}, {"std", noise->std}}}};
  }
  if (const auto* spike = std::get_if<RandomSpike>(&disturbance)) {
    return {{"disturbance_type", "random_spike"},
            {"parameters",
             {{"probability", spike->probability},
              {"spike_range", json::array({spike->low, spike->high})}}}};
  }
  const auto& drift = std::get<Drift>(disturbance);
  return {{"disturbance_type", "drift"},
          {"parameters", {{"rate", drift.rate}, {"start", drift.start}}}};
}

}  // namespace

std::string_view to_string(SensorType type) {
  switch (type) {
    case SensorType::kTemperature:
      return "temperature";
    case SensorType::kHumidity:
      return "humidity";
    case SensorType::kVibration:
      return "vibration";
  }
  return "temperature";
}

bool is_stable(const std::vector<double>& ar) {
  std::vector<double> a = ar;
  while (!a.empty()) {
    const double k = a.back();
    if (!(std::abs(k) < 1.0)) return false;
    std::vector<double> shorter(a.size() - 1);
    for (std::size_t i = 0; i < shorter.size(); ++i) {
      shorter[i] = (a[i] + k * a[shorter.size() - 1 - i]) / (1.0 - k * k);
    }
    a = std::move(shorter);
  }
  return true;
}

Result<std::vector<InjectedAnomaly>> parse_anomalies(const json& list) {
  if (!list.is_array() || list.size() > kMaxAnomalies) {
    return invalid_argument("anomalies is " + shown(list) +
                            "; expected a list of at most 100 objects");
  }
  std::vector<InjectedAnomaly> anomalies;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto anomaly = parse_anomaly(list[i]);
    if (!anomaly) {
      return invalid_argument("anomalies[" + std::to_string(i) + "]: " + anomaly.error().message);
    }
    anomalies.push_back(std::move(anomaly).value());
  }
  return anomalies;
}

Result<SensorSpec> parse_sensor(const json& object) {
  if (!object.is_object()) {
    return invalid_argument("a sensor is " + shown(object) + "; expected an object");
  }
  SensorSpec spec;
  MW_TRY(read_text(object, "sensor_identifier", &spec.identifier));
  if (auto id = MetricId::parse(spec.identifier); !id) {
    return invalid_argument("sensor_identifier: " + id.error().message);
  }
  std::string type;
  MW_TRY(read_text(object, "sensor_type", &type));
  MW_ASSIGN(spec.type, parse_type(type));
  MW_TRY(read_text(object, "path", &spec.path));
  if (auto path = Path::parse(spec.path); !path) {
    return invalid_argument("path: " + path.error().message);
  }
  const double shortest = spec.type == SensorType::kVibration ? 0.25 : 0.01;
  MW_ASSIGN(spec.sampling_interval_s,
            number(member(object, "sampling_interval"), "sampling_interval", shortest, 86'400));
  MW_TRY(parse_data(member(object, "data"), &spec));
  return spec;
}

json to_json(const SensorSpec& spec) {
  json data = json::object();
  if (!spec.unit.empty()) data["unit"] = spec.unit;
  if (!spec.display_name.empty()) data["display_name"] = spec.display_name;
  if (spec.seed != 0) data["seed"] = spec.seed;
  if (spec.type == SensorType::kVibration) {
    data["fault_type"] = spec.fault_type;
    data["speed"] = spec.speed_hz;
    data["load"] = spec.load_nm;
  } else {
    if (spec.offset) data["offset"] = *spec.offset;
    if (spec.ar) data["ar"] = *spec.ar;
    if (spec.ma) data["ma"] = *spec.ma;
    if (spec.std) data["std"] = *spec.std;
    json list = json::array();
    for (const Disturbance& disturbance : spec.disturbances) list.push_back(to_json(disturbance));
    data["disturbances"] = std::move(list);
    for (const InjectedAnomaly& anomaly : spec.anomalies) {
      data["anomalies"].push_back(to_json(anomaly));
    }
  }
  return {{"sensor_identifier", spec.identifier},
          {"sensor_type", std::string(to_string(spec.type))},
          {"path", spec.path},
          {"sampling_interval", spec.sampling_interval_s},
          {"data", std::move(data)}};
}

}  // namespace millwright
