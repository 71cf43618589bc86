#include "transport/websocket/graphql_socket.h"

#include <map>

#include "base/log.h"
#include "base/text.h"
#include "transport/http/graphql_request.h"

namespace millwright::http {
namespace {

using nlohmann::json;

constexpr std::string_view kProtocol = "graphql-transport-ws";
constexpr auto kInitTime = std::chrono::seconds(10);
constexpr std::size_t kPauseAt = 256 << 10;  // bytes of backlog
constexpr std::size_t kResumeAt = 64 << 10;
constexpr std::size_t kMostSubscriptions = 50;

struct Services {
  const Authentication& authentication;
  GraphqlService& service;
  const Clock& clock;
};

/// `{"id":…,"type":…,"payload":…}` around a payload that is JSON already.
std::string frame(const std::string& id, std::string_view type, std::string_view payload) {
  std::string text = R"({"id":)";
  text += json(id).dump(-1, ' ', false, json::error_handler_t::replace);
  text += R"(,"type":")";
  text += type;
  text += '"';
  if (!payload.empty()) {
    text += R"(,"payload":)";
    text += payload;
  }
  return text + "}";
}

/// Ids of sources that have ended by themselves. They are removed on the next message or tick: a
/// subscription must not be destroyed from inside its own callback.
struct Ended {
  std::mutex mutex;
  std::vector<std::pair<std::string, std::uint64_t>> ids;
};

class GraphqlSocket final : public WebSocketHandler {
 public:
  GraphqlSocket(const Services& services, Request upgrade,
                std::shared_ptr<WebSocketConnection> connection)
      : s_(services),
        upgrade_(std::move(upgrade)),
        connection_(std::move(connection)),
        opened_at_(s_.clock.steady_now()),
        ended_(std::make_shared<Ended>()) {}

  void on_text(std::string_view text) override {
    remove_ended();
    auto message = parse_json(text);
    if (!message || !message->is_object() || !message->value("type", json()).is_string()) {
      return invalid("a message must be a JSON object with a text 'type'");
    }
    const std::string type = (*message)["type"];
    const json payload = message->value("payload", json());
    if (type == "connection_init") return init(payload);
    if (type == "ping") return connection_->send(R"({"type":"pong"})");
    if (type == "pong") return;
    const json id = message->value("id", json());
    if (!id.is_string() || id.get_ref<const std::string&>().empty()) {
      return invalid("a message of type " + quote(type) + " needs a text 'id'");
    }
    if (type == "subscribe") return subscribe(id, payload);
    if (type == "complete") {
      active_.erase(id.get<std::string>());
      return;
    }
    invalid("type " + quote(type) + " is unknown");
  }

  void on_tick() override {
    remove_ended();
    if (!initialised_) {
      if (s_.clock.steady_now() - opened_at_ > kInitTime) {
        connection_->close(4408, "Connection initialisation timeout");
      }
      return;
    }
    // Logged out, or the session has ended: what was subscribed ends with it.
    if (const auto still = s_.authentication.require_reader(upgrade_, tenants_);
        !still || still->name != principal_->name) {
      return connection_->close(1008, "the session has ended");
    }
    regulate();
  }

  void on_close() override { active_.clear(); }

 private:
  struct Active {
    std::unique_ptr<GraphqlSubscription> subscription;
    std::uint64_t number = 0;
    bool paused = false;
  };

  void invalid(const std::string& why) { connection_->close(4400, why); }

  void refuse(const std::string& id, const char* message, const char* code) {
    const json errors = json::array({json{{"message", message}, {"extensions", {{"code", code}}}}});
    connection_->send(frame(id, "error", errors.dump()));
  }

  void init(const json& payload) {
    if (initialised_) return connection_->close(4429, "Too many initialisation requests");
    if (!payload.is_null() && !payload.is_object()) return invalid("payload must be an object");
    tenants_ = mentioned_tenants(payload);
    auto principal = s_.authentication.require_reader(upgrade_, tenants_);
    if (!principal || !require_person(*principal)) return connection_->close(4403, "Forbidden");
    principal_ = std::move(principal).value();
    initialised_ = true;
    connection_->send(R"({"type":"connection_ack"})");
  }

  void subscribe(const std::string& id, const json& payload) {
    if (!initialised_) return connection_->close(4401, "Unauthorized");
    if (active_.contains(id)) {
      return connection_->close(4409, "Subscriber for " + id.substr(0, 64) + " already exists");
    }
    const auto request = read_graphql_request(payload);
    if (!request) return invalid(request.error().message);
    const GraphqlOperation operation = s_.service.operation(*request);
    if (operation == GraphqlOperation::kMutation) {
      return refuse(id, "a mutation is not taken over a WebSocket; send it by POST to /graphql",
                    "invalid_argument");
    }
    if (operation == GraphqlOperation::kQuery) {
      connection_->send(frame(id, "next", s_.service.execute(*principal_, *request).body));
      connection_->send(frame(id, "complete", {}));
      return;
    }
    if (active_.size() >= kMostSubscriptions) {
      return refuse(id, "50 subscriptions are open on this connection; end one first",
                    "resource_exhausted");
    }
    const std::uint64_t number = ++numbers_;
    GraphqlObserver observer;
    observer.on_next = [id, connection = connection_](const std::string& result) {
      connection->send(frame(id, "next", result));
    };
    observer.on_complete = [id, number, connection = connection_, ended = ended_] {
      connection->send(frame(id, "complete", {}));
      const std::lock_guard lock(ended->mutex);
      ended->ids.emplace_back(id, number);
    };
    SubscribeReply reply = s_.service.subscribe(*principal_, *request, std::move(observer));
    if (!reply.subscription) return connection_->send(frame(id, "error", reply.errors));
    active_[id] = {std::move(reply.subscription), number, false};
  }

  void remove_ended() {
    std::vector<std::pair<std::string, std::uint64_t>> ids;
    {
      const std::lock_guard lock(ended_->mutex);
      ids.swap(ended_->ids);
    }
    for (const auto& [id, number] : ids) {
      const auto it = active_.find(id);
      if (it != active_.end() && it->second.number == number) active_.erase(it);
    }
  }

  /// A reader that falls behind gets coalesced samples instead of a growing queue.
  void regulate() {
    const std::size_t waiting = connection_->backlog();
    for (auto& [id, active] : active_) {
      const bool pause = active.paused ? waiting > kResumeAt : waiting > kPauseAt;
      if (pause == active.paused) continue;
      active.subscription->pause(pause);
      active.paused = pause;
    }
  }

  Services s_;
  Request upgrade_;
  std::shared_ptr<WebSocketConnection> connection_;
  std::chrono::steady_clock::time_point opened_at_;
  std::shared_ptr<Ended> ended_;
  bool initialised_ = false;
  std::vector<std::string> tenants_;
  std::optional<Principal> principal_;
  std::uint64_t numbers_ = 0;
  std::map<std::string, Active> active_;
};

}  // namespace

WebSocketEndpoint graphql_socket(const Authentication& authentication, GraphqlService& service,
                                 const Clock& clock) {
  const Services services{authentication, service, clock};
  WebSocketEndpoint endpoint;
  endpoint.path = "/graphql";
  endpoint.subprotocols = {std::string(kProtocol)};
  endpoint.must_agree = true;
  endpoint.accept = [services](const Request& request,
                               std::shared_ptr<WebSocketConnection> connection) -> WebSocketAccept {
    return std::unique_ptr<WebSocketHandler>(
        std::make_unique<GraphqlSocket>(services, request, std::move(connection)));
  };
  return endpoint;
}

}  // namespace millwright::http
