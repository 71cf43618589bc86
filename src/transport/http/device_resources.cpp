#include <charconv>

#include "base/text.h"
#include "devices/sensor_request.h"
#include "transport/http/api_support.h"

// The resource-oriented half: /api/v1/tenants/{tenant}/... Unknown fields are refused here.
namespace millwright::http {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDevices = 1000;
constexpr std::size_t kMostEvents = 1000;
constexpr std::size_t kUsualEvents = 200;

/// Who calls, and what the path names.
struct Place {
  Principal principal;
  TenantId tenant;
};

/// A whole number of a query parameter within 1 to `most`.
Result<std::size_t> limit_param(const Request& request, std::size_t usual, std::size_t most) {
  MW_ASSIGN(const auto text, request.parameter("limit"));
  if (!text) return usual;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 1 || value > most) {
    return invalid_argument("query parameter 'limit' is " + quote(*text) +
                            "; it must be a number within 1 to " + std::to_string(most));
  }
  return value;
}

Result<std::optional<Timestamp>> time_param(const Request& request, std::string_view name) {
  MW_ASSIGN(const auto text, request.parameter(name));
  if (!text) return std::optional<Timestamp>();
  auto time = parse_utc(*text);
  if (!time) {
    return invalid_argument("query parameter '" + std::string(name) + "' is " + quote(*text) +
                            "; write an instant such as 2026-11-25T09:30:00Z");
  }
  return std::optional<Timestamp>(*time);
}

class DeviceResources {
 public:
  explicit DeviceResources(const ApiContext& context) : c_(context) {}

  Result<Response> list(const Request& request) const;
  Result<Response> create(const Request& request) const;
  Result<Response> read(const Request& request) const;
  Result<Response> patch(const Request& request) const;
  Result<Response> remove(const Request& request) const;
  Result<Response> metrics(const Request& request) const;
  Result<Response> events(const Request& request) const;
  Result<Response> replace_secret(const Request& request) const;
  Result<Response> create_claim(const Request& request) const;
  void get_sensors(const Request& request, const Respond& respond) const;
  void add_sensor(const Request& request, const Respond& respond) const;
  void remove_sensor(const Request& request, const Respond& respond) const;
  void command(const Request& request, const Respond& respond) const;

 private:
  Result<Place> place(const Request& request) const {
    MW_ASSIGN(Principal principal, c_.authentication.require(request));
    MW_ASSIGN(TenantId tenant, tenant_param(request));
    MW_TRY(c_.directory.open(principal, tenant));
    return Place{std::move(principal), std::move(tenant)};
  }
  void to_device(const Request& request, const Respond& respond,
                 const std::function<Result<Command>()>& make) const;

  ApiContext c_;
};

Result<Response> DeviceResources::list(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const std::size_t limit, limit_param(request, kMostDevices, kMostDevices));
  MW_ASSIGN(const auto after, request.parameter("after"));
  MW_ASSIGN(const std::vector<Device> devices, c_.devices.devices(at.principal, at.tenant));
  json shown = json::array();
  bool more = false;
  for (const Device& device : devices) {
    if (after && device.id.str() <= *after) continue;
    more = shown.size() == limit;
    if (more) break;
    shown.push_back(to_json(device, c_.connections.is_connected(at.tenant, device.id)));
  }
  json data{{"devices", shown}, {"next", nullptr}};
  if (more) data["next"] = shown.back().at("device_identifier");
  return success(std::to_string(shown.size()) + " devices", data);
}

Result<Response> DeviceResources::create(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_TRY(require_manage(at.principal));
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_TRY(body.allow_only(
      {"device_identifier", "description", "timezone", "long", "lat", "city", "country"}));
  MW_ASSIGN(const DeviceId id, body.device());
  MW_ASSIGN(Device wanted, read_device(body, id));
  MW_ASSIGN(const Registered registered,
            c_.devices.register_device(at.principal, at.tenant, std::move(wanted), std::nullopt));
  MW_ASSIGN(const Device device, c_.devices.device(at.principal, at.tenant, id));
  json data{{"device", to_json(device, c_.connections.is_connected(at.tenant, id))}};
  if (registered.device_secret) data["device_secret"] = *registered.device_secret;
  if (!registered.is_new) return success("the device was registered already", data);
  Response response = success("the device is registered", data, 201);
  response.with("Location", "/api/v1/tenants/" + at.tenant.str() + "/devices/" + id.str());
  return response;
}

Result<Response> DeviceResources::read(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_ASSIGN(const Device device, c_.devices.device(at.principal, at.tenant, id));
  return success("the device",
                 {{"device", to_json(device, c_.connections.is_connected(at.tenant, id))}});
}

Result<Response> DeviceResources::patch(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_TRY(c_.devices.device(at.principal, at.tenant, id));
  MW_TRY(require_manage(at.principal));
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_TRY(body.allow_only({"description", "timezone", "long", "lat", "city", "country"}));
  MW_ASSIGN(const DeviceChange change, read_change(body));
  MW_ASSIGN(const Device device, c_.devices.update_device(at.principal, at.tenant, id, change));
  return success("the device is updated",
                 {{"device", to_json(device, c_.connections.is_connected(at.tenant, id))}});
}

Result<Response> DeviceResources::remove(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_TRY(c_.devices.device(at.principal, at.tenant, id));
  MW_TRY(c_.devices.remove_device(at.principal, at.tenant, id));
  return success("the device is removed");
}

Result<Response> DeviceResources::metrics(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_TRY(c_.devices.device(at.principal, at.tenant, id));
  MW_ASSIGN(const auto path_text, request.parameter("path"));
  MW_ASSIGN(const Path path, Path::parse(path_text.value_or("")));
  MW_ASSIGN(const auto store, c_.directory.open(at.principal, at.tenant));
  MW_ASSIGN(const std::vector<Metric> metrics, store->catalog().metrics(id, path));
  std::vector<SeriesId> series;
  for (const Metric& metric : metrics) series.push_back(metric.series);
  MW_ASSIGN(const auto latest, store->samples().latest(series));
  json shown = json::array();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    json entry{{"metric_identifier", metrics[i].key.metric.str()},
               {"path", metrics[i].key.path.str()},
               {"unit", metrics[i].unit},
               {"display_name", metrics[i].display_name},
               {"type", to_string(metrics[i].type)},
               {"latest", nullptr}};
    if (latest[i]) {
      entry["latest"] = {{"timestamp", format_utc(from_us(latest[i]->timestamp_us))},
                         {"value", latest[i]->value}};
    }
    shown.push_back(std::move(entry));
  }
  return success(std::to_string(shown.size()) + " metrics", {{"metrics", shown}});
}

Result<Response> DeviceResources::events(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_TRY(c_.devices.device(at.principal, at.tenant, id));
  MW_ASSIGN(const std::size_t limit, limit_param(request, kUsualEvents, kMostEvents));
  MW_ASSIGN(const auto start, time_param(request, "start"));
  MW_ASSIGN(const auto end, time_param(request, "end"));
  // A device's clock may run up to 5 minutes ahead: its newest events count as "until now".
  const Timestamp until = end.value_or(c_.clock.now() + std::chrono::minutes(5));
  const Timestamp from = start.value_or(until - std::chrono::days(7));
  if (until < from) {
    return invalid_argument("query parameter 'end' " + format_utc(until) + " lies before 'start' " +
                            format_utc(from) + "; exchange them");
  }
  MW_ASSIGN(const auto store, c_.directory.open(at.principal, at.tenant));
  MW_ASSIGN(const std::vector<Event> events,
            store->catalog().events(id, {to_us(from), to_us(until) + 1}, limit));
  json shown = json::array();
  for (const Event& event : events) {
    shown.push_back({{"id", event.id},
                     {"kind", event.kind},
                     {"message", event.message},
                     {"timestamp", format_utc(event.at)}});
  }
  return success(std::to_string(shown.size()) + " events", {{"events", shown}});
}

Result<Response> DeviceResources::replace_secret(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  MW_ASSIGN(const DeviceId id, device_param(request));
  MW_TRY(c_.devices.device(at.principal, at.tenant, id));
  MW_ASSIGN(const std::string secret, c_.devices.replace_secret(at.principal, at.tenant, id));
  return success("the device has a new secret; the old one has ended", {{"device_secret", secret}});
}

Result<Response> DeviceResources::create_claim(const Request& request) const {
  MW_ASSIGN(const Place at, place(request));
  std::int64_t valid_for_s = 24 * 3600;
  if (!request.body.empty()) {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_TRY(body.allow_only({"valid_for_s"}));
    MW_ASSIGN(const auto given, body.optional_integer("valid_for_s"));
    valid_for_s = given.value_or(valid_for_s);
  }
  MW_ASSIGN(const Claim claim,
            c_.devices.create_claim(at.principal, at.tenant, std::chrono::seconds(valid_for_s)));
  return success("one device may register itself with this claim",
                 {{"claim", claim.code}, {"expires_at", format_utc(claim.expires_at)}}, 201);
}

void DeviceResources::to_device(const Request& request, const Respond& respond,
                                const std::function<Result<Command>()>& make) const {
  const auto sent = [&]() -> Result<> {
    MW_ASSIGN(const Place at, place(request));
    MW_ASSIGN(const DeviceId id, device_param(request));
    MW_TRY(c_.devices.device(at.principal, at.tenant, id));
    MW_TRY(require_manage(at.principal));
    MW_ASSIGN(Command command, make());
    send_command(c_, request, at.principal, at.tenant, id, std::move(command), respond, 0);
    return {};
  }();
  if (!sent) respond(body_failure(request, sent.error()));
}

void DeviceResources::get_sensors(const Request& request, const Respond& respond) const {
  to_device(request, respond, []() -> Result<Command> {
    return Command{"sensor_management", "get_sensors", json::object()};
  });
}

void DeviceResources::add_sensor(const Request& request, const Respond& respond) const {
  to_device(request, respond, [&]() -> Result<Command> {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_TRY(
        body.allow_only({"sensor_identifier", "sensor_type", "path", "sampling_interval", "data"}));
    MW_ASSIGN(json fields, check_add_sensor(body.object()));
    return Command{"sensor_management", "add_sensor", std::move(fields)};
  });
}

void DeviceResources::remove_sensor(const Request& request, const Respond& respond) const {
  to_device(request, respond, [&]() -> Result<Command> {
    MW_ASSIGN(const auto path, request.parameter("path"));
    json name{{"sensor_identifier", request.params.at("sensor")}};
    if (path) name["path"] = *path;
    MW_ASSIGN(json fields, check_sensor_name(name));
    return Command{"sensor_management", "remove_sensor", std::move(fields)};
  });
}

void DeviceResources::command(const Request& request, const Respond& respond) const {
  to_device(request, respond, [&]() -> Result<Command> {
    MW_ASSIGN(const JsonBody body, JsonBody::read(request));
    MW_TRY(body.allow_only({"command"}));
    MW_ASSIGN(const std::string name, body.text("command"));
    if (name != "get_connection_state") {
      return invalid_argument("command " + quote(name) + " is unknown; use get_connection_state");
    }
    return Command{"command", name, json::object()};
  });
}

}  // namespace

void add_device_resources(Router& router, const ApiContext& context) {
  const auto resources = std::make_shared<const DeviceResources>(context);
  const std::string devices = "/api/v1/tenants/{tenant}/devices";
  const std::string device = devices + "/{device}";
  const auto plain = [&](std::string_view method, const std::string& path,
                         Result<Response> (DeviceResources::*call)(const Request&) const) {
    router.add(method, path, answer_with([resources, call](const Request& request) {
                 return ((*resources).*call)(request);
               }));
  };
  const auto later = [&](std::string_view method, const std::string& path,
                         void (DeviceResources::*call)(const Request&, const Respond&) const) {
    router.add(method, path, [resources, call](const Request& request, const Respond& respond) {
      ((*resources).*call)(request, respond);
    });
  };
  plain("GET", devices, &DeviceResources::list);
  plain("POST", devices, &DeviceResources::create);
  plain("GET", device, &DeviceResources::read);
  plain("PATCH", device, &DeviceResources::patch);
  plain("DELETE", device, &DeviceResources::remove);
  plain("GET", device + "/metrics", &DeviceResources::metrics);
  plain("GET", device + "/events", &DeviceResources::events);
  plain("POST", device + "/secret", &DeviceResources::replace_secret);
  plain("POST", "/api/v1/tenants/{tenant}/claims", &DeviceResources::create_claim);
  later("GET", device + "/sensors", &DeviceResources::get_sensors);
  later("POST", device + "/sensors", &DeviceResources::add_sensor);
  later("DELETE", device + "/sensors/{sensor}", &DeviceResources::remove_sensor);
  later("POST", device + "/commands", &DeviceResources::command);
}

}  // namespace millwright::http
