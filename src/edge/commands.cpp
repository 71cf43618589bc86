#include "edge/commands.h"

#include "base/log.h"
#include "base/text.h"

namespace millwright::edge {
namespace {

using nlohmann::json;

struct Answer {
  std::string message;
  json data = nullptr;
};

/// The member as text; empty when it is missing, null or something else.
std::string text_of(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

Result<Answer> add_sensor(Agent& agent, const json& request) {
  MW_ASSIGN(const SensorSpec spec, parse_sensor(request));
  MW_TRY(agent.add_sensor(spec));
  return Answer{"sensor " + quote(spec.identifier) + " is added", to_json(spec)};
}

Result<Answer> remove_sensor(Agent& agent, const json& request) {
  const std::string identifier = text_of(request, "sensor_identifier");
  if (identifier.empty()) {
    return invalid_argument("sensor_identifier is missing; name the sensor to remove");
  }
  MW_TRY(agent.remove_sensor(identifier, text_of(request, "path")));
  return Answer{"sensor " + quote(identifier) + " is removed"};
}

Result<Answer> add_anomalies(Agent& agent, const json& request) {
  const json data = request.value("data", json());
  MW_ASSIGN(const auto anomalies,
            parse_anomalies(data.is_object() ? data.value("anomalies", json()) : json()));
  const std::string identifier = text_of(request, "sensor_identifier");
  MW_TRY(agent.add_anomalies(identifier, text_of(request, "path"), anomalies));
  return Answer{"sensor " + quote(identifier) + " will show " + std::to_string(anomalies.size()) +
                " more anomalies"};
}

Answer get_sensors(Agent& agent) {
  json list = json::array();
  for (const SensorSpec& spec : agent.sensors()) list.push_back(to_json(spec));
  const std::string count = std::to_string(list.size());
  return {count + " sensors", {{"sensors", std::move(list)}}};
}

Result<Answer> perform(Agent& agent, const std::string& type, const json& request) {
  const std::string command = text_of(request, "command");
  if (type == "command") {
    if (command == "get_connection_state") {
      const bool is_connected = agent.is_connected();
      return Answer{is_connected ? "the device is connected to the hub"
                                 : "the device is not connected to the hub; it journals",
                    {{"connection_state", is_connected ? "connected" : "disconnected"}}};
    }
    return invalid_argument("command is " + quote(command) + "; expected get_connection_state");
  }
  if (command == "add_sensor") return add_sensor(agent, request);
  if (command == "remove_sensor") return remove_sensor(agent, request);
  if (command == "get_sensors") return get_sensors(agent);
  if (command == "add_anomalies") return add_anomalies(agent, request);
  return invalid_argument("command is " + quote(command) +
                          "; expected add_sensor, remove_sensor, get_sensors or add_anomalies");
}

/// ISO 8601 without an offset, as these messages have it.
std::string timestamp(const Clock& clock) {
  std::string text = format_utc(clock.now());
  text.pop_back();
  return text;
}

}  // namespace

Commands::Commands(Agent& agent, const Clock& clock, std::string tenant, std::string device)
    : agent_(agent), clock_(clock), tenant_(std::move(tenant)), device_(std::move(device)) {}

std::optional<std::string> Commands::handle(std::string_view message) {
  const json request = json::parse(message, nullptr, false);
  if (!request.is_object()) {
    log::warning("a message of the device management service is no JSON object",
                 {{"message", quote(message)}});
    return std::nullopt;
  }
  const std::string type = text_of(request, "message_type");
  if (type != "command" && type != "sensor_management") return std::nullopt;

  const std::string tenant = text_of(request, "tenant_identifier");
  const std::string device = text_of(request, "device_identifier");
  Result<Answer> result = invalid_argument("");
  if ((!tenant.empty() && tenant != tenant_) || (!device.empty() && device != device_)) {
    result = invalid_argument("the command is for device " + quote(device) + " of tenant " +
                              quote(tenant) + ", this is device " + quote(device_) + " of tenant " +
                              quote(tenant_));
  } else {
    result = perform(agent_, type, request);
  }
  json answer = {{"message_type", "command_response"},
                 {"status", result ? "success" : "failure"},
                 {"message", result ? result->message : result.error().message},
                 {"message_id", request.value("message_id", json())},
                 {"data", result ? std::move(result->data) : json()},
                 {"timestamp", timestamp(clock_)}};
  log::info("command", {{"command", quote(text_of(request, "command"))},
                        {"status", answer["status"]},
                        {"answer", answer["message"]}});
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace millwright::edge
