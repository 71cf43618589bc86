#include "devices/sensor_request.h"

#include <array>
#include <cmath>

#include "base/ids.h"
#include "base/text.h"

namespace millwright {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kSensorTypes{"temperature", "humidity", "vibration"};
constexpr std::array<std::string_view, 6> kFaultTypes{"no_fault",      "eccentricity",
                                                      "missing_tooth", "root_crack",
                                                      "surface_fault", "tooth_chipped_fault"};
constexpr double kLongestInterval_s = 86'400;
// As the edge agent has them (connectors/sensor_spec.cpp), so that nothing travels in vain.
constexpr std::size_t kMostAnomalies = 100;
constexpr std::size_t kMostDisturbances = 16;
constexpr double kShortestInterval_s = 0.01;

std::string shown(const json& value) {
  return quote(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

/// The member, or null when it is absent.
const json& member(const json& object, const char* name) {
  static const json kNull;
  const auto it = object.find(name);
  return it == object.end() ? kNull : *it;
}

template <std::size_t N>
Result<> check_one_of(const std::string& field, const json& value,
                      const std::array<std::string_view, N>& allowed) {
  std::string list;
  for (const std::string_view name : allowed) {
    if (value.is_string() && value.get_ref<const std::string&>() == name) return {};
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return invalid_argument("field '" + field + "' is " + shown(value) + "; use one of " + list);
}

Result<double> number(const std::string& field, const json& value) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    return invalid_argument("field '" + field + "' must be a finite number, not " + shown(value));
  }
  return value.get<double>();
}

Result<double> number_at_least(const std::string& field, const json& value, double least) {
  MW_ASSIGN(const double n, number(field, value));
  if (n < least) {
    return invalid_argument("field '" + field + "' is " + shown(value) + "; it must be at least " +
                            std::to_string(static_cast<int>(least)));
  }
  return n;
}

Result<> check_spike_range(const std::string& at, const json& range) {
  const std::string field = at + "spike_range";
  if (!range.is_array() || range.size() != 2) {
    return invalid_argument("field '" + field + "' must be [low, high], not " + shown(range));
  }
  MW_ASSIGN(const double low, number(field, range[0]));
  MW_ASSIGN(const double high, number(field, range[1]));
  if (low > high) {
    return invalid_argument("field '" + field + "' is " + shown(range) +
                            "; the first number must not be above the second");
  }
  return {};
}

Result<> check_disturbance(const std::string& at, const json& disturbance) {
  if (!disturbance.is_object()) {
    return invalid_argument("field '" + at + "' must be an object, not " + shown(disturbance));
  }
  static constexpr std::array<std::string_view, 3> kTypes{"white_noise", "random_spike", "drift"};
  const json& type = member(disturbance, "disturbance_type");
  MW_TRY(check_one_of(at + ".disturbance_type", type, kTypes));
  const json& parameters = member(disturbance, "parameters");
  const std::string inside = at + ".parameters.";
  if (!parameters.is_object()) {
    return invalid_argument("field '" + at + ".parameters' must be an object, not " +
                            shown(parameters));
  }
  if (type == "white_noise") {
    MW_TRY(number(inside + "mean", member(parameters, "mean")));
    MW_TRY(number_at_least(inside + "std", member(parameters, "std"), 0));
  } else if (type == "random_spike") {
    MW_ASSIGN(const double probability,
              number(inside + "probability", member(parameters, "probability")));
    if (probability < 0 || probability > 1) {
      return invalid_argument("field '" + inside + "probability' is " +
                              shown(member(parameters, "probability")) +
                              "; it must be within 0 to 1");
    }
    MW_TRY(check_spike_range(inside, member(parameters, "spike_range")));
  } else {
    MW_TRY(number(inside + "rate", member(parameters, "rate")));
    const json& start = member(parameters, "start");  // counts samples
    if (!start.is_number_integer() || start.get<double>() < 0) {
      return invalid_argument("field '" + inside + "start' must be a number of samples, not " +
                              shown(start));
    }
  }
  return {};
}

Result<> check_data(const json& data) {
  if (data.is_null()) return {};
  if (!data.is_object()) {
    return invalid_argument("field 'data' must be an object, not " + shown(data));
  }
  if (const json& offset = member(data, "offset"); !offset.is_null()) {
    MW_TRY(number("data.offset", offset));
  }
  if (const json& fault = member(data, "fault_type"); !fault.is_null()) {
    MW_TRY(check_one_of("data.fault_type", fault, kFaultTypes));
  }
  const json& disturbances = member(data, "disturbances");
  if (disturbances.is_null()) return {};
  if (!disturbances.is_array() || disturbances.size() > kMostDisturbances) {
    return invalid_argument("field 'data.disturbances' must be a list of at most 16, not " +
                            shown(disturbances));
  }
  for (std::size_t i = 0; i < disturbances.size(); ++i) {
    MW_TRY(check_disturbance("data.disturbances[" + std::to_string(i) + "]", disturbances[i]));
  }
  return {};
}

Result<> check_anomaly(const std::string& at, const json& anomaly) {
  if (!anomaly.is_object()) {
    return invalid_argument("field '" + at + "' must be an object, not " + shown(anomaly));
  }
  for (const char* name : {"start", "end", "anomalie_type"}) {
    const json& value = member(anomaly, name);
    const bool time_as_number = value.is_number() && std::string_view(name) != "anomalie_type";
    if (!time_as_number && !(value.is_string() && !value.get_ref<const std::string&>().empty())) {
      return invalid_argument("field '" + at + "." + name +
                              "' is missing or not a text: " + shown(value));
    }
  }
  MW_TRY(number(at + ".mean", member(anomaly, "mean")));
  MW_TRY(number_at_least(at + ".std", member(anomaly, "std"), 0));
  return {};
}

}  // namespace

Result<json> check_sensor_name(const json& body) {
  const json& id = member(body, "sensor_identifier");
  if (!id.is_string()) {
    return invalid_argument("field 'sensor_identifier' must be a text, not " + shown(id));
  }
  if (auto parsed = MetricId::parse(id.get_ref<const std::string&>()); !parsed) {
    return invalid_argument("field 'sensor_identifier': " + parsed.error().message);
  }
  const json& path = member(body, "path");
  if (!path.is_null() && !path.is_string()) {
    return invalid_argument("field 'path' must be a text, not " + shown(path));
  }
  if (path.is_string()) MW_TRY(Path::parse(path.get_ref<const std::string&>()));
  return json{{"sensor_identifier", id}, {"path", path}};
}

Result<json> check_add_sensor(const json& body) {
  MW_ASSIGN(json fields, check_sensor_name(body));
  const json& type = member(body, "sensor_type");
  MW_TRY(check_one_of("sensor_type", type, kSensorTypes));
  const json& interval = member(body, "sampling_interval");
  MW_ASSIGN(const double seconds, number("sampling_interval", interval));
  if (seconds < kShortestInterval_s || seconds > kLongestInterval_s) {
    return invalid_argument("field 'sampling_interval' is " + shown(interval) +
                            "; it must be within 0.01 to 86400 seconds");
  }
  const json& data = member(body, "data");
  MW_TRY(check_data(data));
  fields["sensor_type"] = type;
  fields["sampling_interval"] = interval;
  fields["data"] = data;
  return fields;
}

Result<json> check_anomalies(const json& body) {
  MW_ASSIGN(json fields, check_sensor_name(body));
  const json& anomalies = member(body, "anomalies");
  if (!anomalies.is_array() || anomalies.empty() || anomalies.size() > kMostAnomalies) {
    return invalid_argument("field 'anomalies' must be a list of 1 to 100, not " +
                            shown(anomalies));
  }
  for (std::size_t i = 0; i < anomalies.size(); ++i) {
    MW_TRY(check_anomaly("anomalies[" + std::to_string(i) + "]", anomalies[i]));
  }
  fields["data"] = json{{"anomalies", anomalies}};
  return fields;
}

}  // namespace millwright
