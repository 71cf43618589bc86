#include "transport/websocket/device_socket.h"

#include "base/log.h"
#include "base/text.h"
#include "devices/device_service.h"
#include "transport/http/json_body.h"

namespace millwright::http {
namespace {

using nlohmann::json;

constexpr auto kConnectTime = std::chrono::seconds(10);
constexpr std::uint16_t kReplaced = 4409;

/// The way from a command to the device: the connection, without the protocol's state.
class Channel final : public DeviceChannel {
 public:
  explicit Channel(std::shared_ptr<WebSocketConnection> connection)
      : connection_(std::move(connection)) {}
  void send(std::string text) override { connection_->send(std::move(text)); }
  void close(std::string reason) override { connection_->close(kReplaced, std::move(reason)); }

 private:
  std::shared_ptr<WebSocketConnection> connection_;
};

struct Services {
  const Authentication& authentication;
  TenantDirectory& directory;
  DeviceConnections& connections;
  const Clock& clock;
};

class DeviceSocket final : public WebSocketHandler {
 public:
  DeviceSocket(const Services& services, Request upgrade,
               std::shared_ptr<WebSocketConnection> connection)
      : s_(services),
        upgrade_(std::move(upgrade)),
        connection_(std::move(connection)),
        opened_at_(s_.clock.steady_now()) {}

  void on_text(std::string_view text) override {
    auto message = parse_json(text);
    if (!message || !message->is_object()) {
      const std::string why = message ? "a message must be a JSON object" : message.error().message;
      return connection_->close(1002, why);
    }
    const json type = message->value("message_type", json());
    if (message->value("type", json()) == "websocket.close") return connection_->close(1000, "");
    if (type == "connect") return connect(JsonBody(std::move(*message)));
    if (type == "command_response") return take_answer(JsonBody(std::move(*message)));
    connection_->close(1002, "message_type must be connect or command_response, not " +
                                 quote(type.dump(-1, ' ', true, json::error_handler_t::replace)));
  }

  void on_tick() override {
    if (!connected_) {
      if (s_.clock.steady_now() - opened_at_ > kConnectTime) {
        connection_->close(4408, "no connect message within 10 s");
      }
      return;
    }
    // A token that has ended, a secret that was replaced, a device that was removed.
    if (const auto still = check(connected_->tenant, connected_->device); !still) {
      connection_->close(1008, still.error().message);
    }
  }

  void on_close() override {
    if (!connected_) return;
    s_.connections.disconnect(connected_->tenant, connected_->device, connected_->id);
    log::info("device disconnected",
              {{"tenant", connected_->tenant.str()}, {"device", connected_->device.str()}});
    connected_.reset();
  }

 private:
  struct Connected {
    TenantId tenant;
    DeviceId device;
    DeviceConnections::ConnectionId id{};
  };

  /// Whether the caller may be this device, and whether it exists.
  Result<> check(const TenantId& tenant, const DeviceId& device) const {
    MW_ASSIGN(const Principal principal, s_.authentication.require_for(upgrade_, tenant));
    MW_ASSIGN(const auto store, s_.directory.open(principal, tenant));
    if (!principal.may_write_as(device)) {
      return permission_denied("'" + principal.name + "' may not connect as device " +
                               quote(device.str()) + "; bring the device's own token");
    }
    MW_TRY(store->catalog().device(device));
    return {};
  }

  void connect(const JsonBody& message) {
    const auto connected = [&]() -> Result<Connected> {
      if (connected_) {
        return failed_precondition("the device is connected already; send connect once");
      }
      MW_ASSIGN(const TenantId tenant, message.tenant());
      MW_ASSIGN(const DeviceId device, message.device());
      MW_TRY(check(tenant, device));
      return Connected{tenant, device, {}};
    }();
    if (!connected) {
      acknowledge("error", connected.error().message);
      return connection_->close(1008, connected.error().message);
    }
    connected_ = connected.value();
    // First the acknowledgement: a command must not overtake it.
    acknowledge("success", "connected");
    connected_->id = s_.connections.connect(connected_->tenant, connected_->device,
                                            std::make_shared<Channel>(connection_));
    log::info("device connected", {{"tenant", connected_->tenant.str()},
                                   {"device", connected_->device.str()},
                                   {"remote", upgrade_.remote}});
  }

  void acknowledge(const char* status, const std::string& text) {
    connection_->send(
        json{{"message_type", "connect_ack"}, {"status", status}, {"message", text}}.dump(
            -1, ' ', false, json::error_handler_t::replace));
  }

  void take_answer(const JsonBody& message) {
    if (!connected_) return connection_->close(1002, "send connect before anything else");
    const auto taken = [&]() -> Result<> {
      MW_ASSIGN(const std::string id, message.text("message_id"));
      MW_ASSIGN(const std::string status, message.text("status"));
      MW_ASSIGN(const auto words, message.optional_text("message"));
      CommandAnswer answer{status == "success", words.value_or(""),
                           message.object().value("data", json())};
      return s_.connections.answer(connected_->tenant, connected_->device, id, std::move(answer));
    }();
    if (!taken) {
      // Late answers are usual: the caller has had his own answer after 30 s.
      log::warning("a device's answer is not taken", {{"tenant", connected_->tenant.str()},
                                                      {"device", connected_->device.str()},
                                                      {"error", taken.error().message}});
    }
  }

  Services s_;
  Request upgrade_;
  std::shared_ptr<WebSocketConnection> connection_;
  std::chrono::steady_clock::time_point opened_at_;
  std::optional<Connected> connected_;
};

}  // namespace

WebSocketEndpoint device_socket(const Authentication& authentication, TenantDirectory& directory,
                                DeviceConnections& connections, const Clock& clock) {
  const Services services{authentication, directory, connections, clock};
  WebSocketEndpoint endpoint;
  endpoint.path = "/ws/v1/tenants/devices";
  endpoint.accept = [services](const Request& request,
                               std::shared_ptr<WebSocketConnection> connection) -> WebSocketAccept {
    MW_ASSIGN(const Caller caller, services.authentication.caller(request));
    const bool old_contract = !services.authentication.options().legacy_tenants.empty();
    if (!caller.has_credentials() && !old_contract) {
      return unauthenticated(
          "a device connects with its token as 'Authorization: Bearer ...'; POST /api/v1/token");
    }
    return std::unique_ptr<WebSocketHandler>(
        std::make_unique<DeviceSocket>(services, request, std::move(connection)));
  };
  return endpoint;
}

}  // namespace millwright::http
