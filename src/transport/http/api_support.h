#pragma once
/// What the groups of calls share. Internal.

#include <nlohmann/json.hpp>

#include "transport/http/api.h"
#include "transport/http/json_body.h"

namespace millwright::http {

/// A call that answers at once: its error becomes the answer.
using PlainCall = std::function<Result<Response>(const Request&)>;
Handler answer_with(PlainCall call);

/// A device as the API shows it; texts that are empty are null.
nlohmann::json to_json(const Device& device, bool is_connected);

/// `{name}` of the route. Errors: kInvalidArgument naming it.
Result<TenantId> tenant_param(const Request& request);
Result<DeviceId> device_param(const Request& request);

/// description, timezone, long, lat, city and country of a body.
Result<DeviceChange> read_change(const JsonBody& body);
/// The device of a registration; the time zone is required.
Result<Device> read_device(const JsonBody& body, DeviceId id);

/// Turns a device's answer into the call's: its own words and data. `failure_status` is the HTTP
/// status where there is none or the device refuses; 0 keeps the error's own, 409 for a refusal.
Response command_response(const Request& request, const Result<CommandAnswer>& answer,
                          int failure_status);

/// Checks that the principal may command the device and that it exists, then sends and answers
/// when the device does.
void send_command(const ApiContext& context, const Request& request, const Principal& principal,
                  const TenantId& tenant, const DeviceId& device, Command command, Respond respond,
                  int failure_status);

}  // namespace millwright::http
