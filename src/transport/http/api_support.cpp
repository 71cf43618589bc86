#include "transport/http/api_support.h"

#include "base/text.h"
#include "model/timezone.h"

namespace millwright::http {

using nlohmann::json;

Handler answer_with(PlainCall call) {
  return [call = std::move(call)](const Request& request, const Respond& respond) {
    auto response = call(request);
    respond(response ? std::move(response).value() : body_failure(request, response.error()));
  };
}

namespace {
json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

template <typename T>
json value_or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}
}  // namespace

json to_json(const Device& device, bool is_connected) {
  json shown{{"device_identifier", device.id.str()},
             {"description", text_or_null(device.description)},
             {"timezone", device.timezone},
             {"long", value_or_null(device.longitude_deg)},
             {"lat", value_or_null(device.latitude_deg)},
             {"city", text_or_null(device.city)},
             {"country", text_or_null(device.country)},
             {"status", to_string(device.status)},
             {"connected", is_connected},
             {"registered_at", format_utc(device.registered_at)},
             {"latest_activity", nullptr},
             {"latest_activity_local", nullptr}};
  if (device.latest_activity) {
    shown["latest_activity"] = format_utc(*device.latest_activity);
    if (const auto zone = TimeZone::load(device.timezone)) {
      shown["latest_activity_local"] = format_local(zone.value().to_local(*device.latest_activity));
    }
  }
  return shown;
}

Result<TenantId> tenant_param(const Request& request) {
  return TenantId::parse(request.params.at("tenant"));
}

Result<DeviceId> device_param(const Request& request) {
  return DeviceId::parse(request.params.at("device"));
}

Result<DeviceChange> read_change(const JsonBody& body) {
  DeviceChange change;
  MW_ASSIGN(change.description, body.optional_text("description"));
  MW_ASSIGN(change.timezone, body.optional_text("timezone"));
  MW_ASSIGN(change.longitude_deg, body.optional_number("long"));
  MW_ASSIGN(change.latitude_deg, body.optional_number("lat"));
  MW_ASSIGN(change.city, body.optional_text("city"));
  MW_ASSIGN(change.country, body.optional_text("country"));
  return change;
}

Result<Device> read_device(const JsonBody& body, DeviceId id) {
  MW_ASSIGN(DeviceChange change, read_change(body));
  if (!change.timezone) {
    return invalid_argument(
        "field 'timezone' is missing; add an IANA name such as 'Europe/Zurich'");
  }
  Device device{std::move(id),
                change.description.value_or(""),
                *change.timezone,
                {},
                {},
                change.city.value_or(""),
                change.country.value_or(""),
                DeviceStatus::kUnknown,
                {},
                {}};
  device.longitude_deg = change.longitude_deg;
  device.latitude_deg = change.latitude_deg;
  MW_TRY(validate(device));
  return device;
}

Response command_response(const Request& request, const Result<CommandAnswer>& answer,
                          int failure_status) {
  const int refusal_status =
      failure_status ? failure_status : http_status(ErrorCode::kFailedPrecondition);
  if (!answer) {
    return failure_status ? failure(request, answer.error(), failure_status)
                          : failure(request, answer.error());
  }
  std::string message = answer->message;
  if (message.empty()) {
    message = answer->success ? "the device has done it" : "the device refused and gave no reason";
  }
  json body{{"status", answer->success ? "success" : "error"}, {"message", message}};
  if (!answer->success) {
    body["code"] = to_string(ErrorCode::kFailedPrecondition);
    body["request_id"] = request.id;
  }
  if (!answer->data.is_null()) body["data"] = answer->data;
  return json_response(answer->success ? 200 : refusal_status, body);
}

void send_command(const ApiContext& context, const Request& request, const Principal& principal,
                  const TenantId& tenant, const DeviceId& device, Command command, Respond respond,
                  int failure_status) {
  const auto allowed = [&]() -> Result<> {
    MW_TRY(context.devices.device(principal, tenant, device));
    return require_manage(principal);
  }();
  if (!allowed) return respond(failure(request, allowed.error()));
  context.connections.send_command(
      tenant, device, command,
      [request, respond, failure_status](const Result<CommandAnswer>& answer) {
        respond(command_response(request, answer, failure_status));
      });
}

}  // namespace millwright::http
