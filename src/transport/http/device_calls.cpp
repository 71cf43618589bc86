#include <functional>

#include "base/log.h"
#include "base/text.h"
#include "devices/sensor_request.h"
#include "transport/http/api_support.h"

// The calls of the contract that exists already. Malformed bodies get 422, unknown tenants 404, a
// device that is not connected or does not answer 200 with status "error". Unknown fields are
// ignored: devices in the field send some.
namespace millwright::http {
namespace {

using nlohmann::json;

constexpr std::string_view kBase = "/api/v1/tenants/devices/";

struct Target {
  Principal principal;
  TenantId tenant;
};

class DeviceCalls {
 public:
  explicit DeviceCalls(const ApiContext& context) : c_(context) {}

  Result<Response> register_device(const Request& request) const;
  Result<Response> update(const Request& request) const;
  Result<Response> remove(const Request& request) const;
  Result<Response> status(const Request& request) const;
  Result<Response> token(const Request& request) const;
  void command(const Request& request, const Respond& respond) const;
  /// `check` makes the command's fields from the body.
  using Check = std::function<Result<json>(const json&)>;
  void sensors(const Request& request, const Respond& respond, const std::string& command,
               const Check& check) const;
  void sensor_states(const Request& request, const Respond& respond) const;

 private:
  Result<Target> target(const Request& request, const JsonBody& body) const {
    MW_ASSIGN(TenantId tenant, body.tenant());
    MW_ASSIGN(Principal principal, c_.authentication.require_for(request, tenant));
    return Target{std::move(principal), std::move(tenant)};
  }

  ApiContext c_;
};

Result<Response> DeviceCalls::register_device(const Request& request) const {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_ASSIGN(const TenantId tenant, body.tenant());
  MW_ASSIGN(const DeviceId id, body.device());
  MW_ASSIGN(const auto claim, body.optional_text("claim"));
  std::optional<Principal> principal;
  if (claim) {
    MW_ASSIGN(const Caller caller, c_.authentication.caller(request));
    if (caller.has_credentials()) principal = caller.principal;
  } else {
    MW_ASSIGN(principal, c_.authentication.require_for(request, tenant));
    MW_TRY(c_.directory.open(*principal, tenant));  // an unknown tenant before a wrong field
  }
  MW_ASSIGN(Device device, read_device(body, id));
  MW_ASSIGN(const Registered registered,
            c_.devices.register_device(principal, tenant, std::move(device), claim));
  json data;
  if (registered.device_secret) data = {{"device_secret", *registered.device_secret}};
  return success(registered.is_new ? "device " + quote(id.str()) + " is registered"
                                   : "device " + quote(id.str()) + " was registered already",
                 data);
}

Result<Response> DeviceCalls::update(const Request& request) const {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_ASSIGN(const Target to, target(request, body));
  MW_ASSIGN(const DeviceId id, body.device());
  MW_ASSIGN(const DeviceChange change, read_change(body));
  MW_TRY(c_.devices.update_device(to.principal, to.tenant, id, change));
  return success("device " + quote(id.str()) + " is updated");
}

/// Does something for each identifier and gathers those for which it failed.
json for_each_device(const std::vector<std::string>& ids, json& failed,
                     const std::function<Result<json>(const DeviceId&)>& act) {
  json done = json::array();
  failed = json::array();
  for (const std::string& text : ids) {
    auto result = [&]() -> Result<json> {
      MW_ASSIGN(const DeviceId id, DeviceId::parse(text));
      return act(id);
    }();
    if (result) {
      done.push_back(std::move(result).value());
    } else {
      failed.push_back({{"device_identifier", text}, {"error", result.error().message}});
    }
  }
  return done;
}

/// 200 with what was done and what was not; status "error" where nothing was done.
Response list_response(const Request& request, const std::string& what, json done, json failed) {
  const bool any = !done.empty();
  json body{{"status", any ? "success" : "error"},
            {"message", std::to_string(done.size()) + " " + what + ", " +
                            std::to_string(failed.size()) + " failed"}};
  if (!any) {
    body["code"] = to_string(ErrorCode::kNotFound);
    body["message"] = failed.at(0).at("error");
    body["request_id"] = request.id;
  }
  body["data"] = {{"devices", std::move(done)}, {"failed_devices", std::move(failed)}};
  return json_response(200, body);
}

Result<Response> DeviceCalls::remove(const Request& request) const {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_ASSIGN(const Target to, target(request, body));
  bool is_list = false;
  MW_ASSIGN(const auto ids, body.one_or_many("device_identifier", is_list));
  MW_TRY(c_.directory.open(to.principal, to.tenant));
  MW_TRY(require_manage(to.principal));
  if (!is_list) {
    MW_ASSIGN(const DeviceId id, DeviceId::parse(ids.front()));
    MW_TRY(c_.devices.remove_device(to.principal, to.tenant, id));
    return success("device " + quote(id.str()) + " is removed",
                   {{"devices", json::array({json{{"device_identifier", id.str()}}})},
                    {"failed_devices", json::array()}});
  }
  json failed;
  json done = for_each_device(ids, failed, [&](const DeviceId& id) -> Result<json> {
    MW_TRY(c_.devices.remove_device(to.principal, to.tenant, id));
    return json{{"device_identifier", id.str()}};
  });
  return list_response(request, "removed", std::move(done), std::move(failed));
}

Result<Response> DeviceCalls::status(const Request& request) const {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_ASSIGN(const Target to, target(request, body));
  bool is_list = false;
  MW_ASSIGN(const auto ids, body.one_or_many("device_identifier", is_list));
  MW_TRY(c_.directory.open(to.principal, to.tenant));
  json failed;
  json done = for_each_device(ids, failed, [&](const DeviceId& id) -> Result<json> {
    MW_ASSIGN(const Device device, c_.devices.device(to.principal, to.tenant, id));
    return json{{"device_identifier", id.str()}, {"status", to_string(device.status)}};
  });
  return list_response(request, "found", std::move(done), std::move(failed));
}

Result<Response> DeviceCalls::token(const Request& request) const {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_ASSIGN(const DeviceId device, body.device());
  MW_ASSIGN(const std::string secret, body.text("device_secret"));
  const AccessOptions& access = c_.authentication.options();
  std::optional<TenantId> tenant;
  if (body.has("tenant_identifier")) {
    MW_ASSIGN(tenant, body.tenant());
  } else if (access.legacy_tenants.size() == 1) {
    tenant = access.legacy_tenants.front();  // the documented call names no tenant
  } else {
    return invalid_argument("field 'tenant_identifier' is missing; add it to the body");
  }
  MW_ASSIGN(const DeviceToken token, c_.identity.device_token(*tenant, device, secret));
  return success("the token lives one hour", {{"token", token.jwt},
                                              {"token_type", "Bearer"},
                                              {"expires_at", format_utc(token.expires_at)}});
}

void DeviceCalls::command(const Request& request, const Respond& respond) const {
  const auto sent = [&]() -> Result<> {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_ASSIGN(const Target to, target(request, body));
    MW_ASSIGN(const DeviceId device, body.device());
    MW_ASSIGN(const std::string name, body.text("command"));
    if (name != "get_connection_state") {
      return invalid_argument("command " + quote(name) +
                              " is unknown; use get_connection_state, or the sensors' calls");
    }
    Command command{"command",
                    name,
                    {{"data", body.object().value("data", json())},
                     {"path", body.object().value("path", json())}}};
    send_command(c_, request, to.principal, to.tenant, device, std::move(command), respond, 200);
    return {};
  }();
  if (!sent) respond(body_failure(request, sent.error()));
}

void DeviceCalls::sensors(const Request& request, const Respond& respond,
                          const std::string& command, const Check& check) const {
  const auto sent = [&]() -> Result<> {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_ASSIGN(const Target to, target(request, body));
    MW_ASSIGN(const DeviceId device, body.device());
    MW_TRY(c_.directory.open(to.principal, to.tenant));
    MW_ASSIGN(json fields, check(body.object()));
    send_command(c_, request, to.principal, to.tenant, device,
                 {"sensor_management", command, std::move(fields)}, respond, 200);
    return {};
  }();
  if (!sent) respond(body_failure(request, sent.error()));
}

/// The sensors of a device's answer whose identifier is one of `ids`; all where `ids` is empty.
json select_sensors(const json& data, const std::vector<std::string>& ids) {
  const json& list = data.is_object() && data.contains("sensors") ? data["sensors"] : data;
  if (ids.empty() || !list.is_array()) return list;
  json selected = json::array();
  for (const json& sensor : list) {
    if (!sensor.is_object()) continue;
    const json id = sensor.value("sensor_identifier", json());
    if (id.is_string() && std::find(ids.begin(), ids.end(), id.get<std::string>()) != ids.end()) {
      selected.push_back(sensor);
    }
  }
  return selected;
}

// The devices have no command of this name: their list of sensors holds the states.
void DeviceCalls::sensor_states(const Request& request, const Respond& respond) const {
  const auto sent = [&]() -> Result<> {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_ASSIGN(const Target to, target(request, body));
    MW_ASSIGN(const DeviceId device, body.device());
    std::vector<std::string> ids;
    bool is_list = false;
    if (body.has("sensor_identifier")) {
      MW_ASSIGN(ids, body.one_or_many("sensor_identifier", is_list));
    }
    MW_TRY(c_.devices.device(to.principal, to.tenant, device));
    MW_TRY(require_manage(to.principal));
    c_.connections.send_command(
        to.tenant, device, {"sensor_management", "get_sensors", json::object()},
        [request, respond, ids](Result<CommandAnswer> answer) {
          if (answer && answer->success) {
            answer->data = json{{"sensors", select_sensors(answer->data, ids)}};
          }
          respond(command_response(request, answer, 200));
        });
    return {};
  }();
  if (!sent) respond(body_failure(request, sent.error()));
}

}  // namespace

void add_device_calls(Router& router, const ApiContext& context) {
  const auto calls = std::make_shared<const DeviceCalls>(context);
  const auto at = [](std::string_view name) { return std::string(kBase) + std::string(name); };
  const auto plain = [&](std::string_view method, const std::string& path,
                         Result<Response> (DeviceCalls::*call)(const Request&) const) {
    router.add(method, path, answer_with([calls, call](const Request& request) {
                 return ((*calls).*call)(request);
               }));
  };
  const auto sensors = [&](std::string_view method, std::string_view name,
                           const std::string& command, DeviceCalls::Check check) {
    router.add(method, at(name),
               [calls, command, check](const Request& request, const Respond& respond) {
                 calls->sensors(request, respond, command, check);
               });
  };
  plain("POST", at("register"), &DeviceCalls::register_device);
  plain("PUT", at("update"), &DeviceCalls::update);
  plain("DELETE", at("remove"), &DeviceCalls::remove);
  plain("POST", at("status"), &DeviceCalls::status);
  plain("POST", at("states"), &DeviceCalls::status);
  plain("POST", "/token", &DeviceCalls::token);
  plain("POST", "/api/v1/token", &DeviceCalls::token);
  router.add("POST", at("command"), [calls](const Request& request, const Respond& respond) {
    calls->command(request, respond);
  });
  sensors("GET", "sensors", "get_sensors",
          [](const json&) { return Result<json>(json::object()); });
  sensors("POST", "sensors/add", "add_sensor", check_add_sensor);
  sensors("DELETE", "sensors/remove", "remove_sensor", check_sensor_name);
  sensors("POST", "sensors/anomalies", "add_anomalies", check_anomalies);
  router.add("POST", at("sensors/states"), [calls](const Request& request, const Respond& respond) {
    calls->sensor_states(request, respond);
  });
}

}  // namespace millwright::http
