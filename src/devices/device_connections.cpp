#include "devices/device_connections.h"

#include <map>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace millwright {
namespace {

using Key = std::pair<TenantId, DeviceId>;

struct Connection {
  DeviceConnections::ConnectionId id{};
  std::shared_ptr<DeviceChannel> channel;
};

struct Pending {
  Key key;
  DeviceConnections::ConnectionId connection{};
  std::chrono::steady_clock::time_point deadline;
  std::chrono::milliseconds timeout{};
  DeviceConnections::Callback done;
};

Error not_connected(const DeviceId& device) {
  return unavailable("device " + quote(device.str()) +
                     " is not connected; see that it runs and reaches the server, then try again");
}

}  // namespace

struct DeviceConnections::State {
  explicit State(const Clock& c) : clock(c) {}

  const Clock& clock;
  mutable std::mutex mutex;  // guards everything below; never held while a callback runs
  std::uint64_t next_id = 1;
  std::map<Key, Connection> connections;
  std::map<std::string, Pending> pending;  // by message id

  /// Takes out what `matches`; the caller ends it without the lock.
  template <typename Predicate>
  std::vector<Pending> take(Predicate matches) {
    std::vector<Pending> taken;
    for (auto it = pending.begin(); it != pending.end();) {
      if (matches(it->second)) {
        taken.push_back(std::move(it->second));
        it = pending.erase(it);
      } else {
        ++it;
      }
    }
    return taken;
  }
  std::vector<Pending> take_of(ConnectionId id) {
    return take([id](const Pending& p) { return p.connection == id; });
  }
};

DeviceConnections::DeviceConnections(const Clock& clock) : state_(std::make_unique<State>(clock)) {}
DeviceConnections::~DeviceConnections() = default;

namespace {
void end_all(std::vector<Pending>& pending, const std::string& what) {
  for (Pending& p : pending) {
    p.done(unavailable("device " + quote(p.key.second.str()) + " " + what +
                       " before it answered; try again"));
  }
}
}  // namespace

DeviceConnections::ConnectionId DeviceConnections::connect(const TenantId& tenant,
                                                           const DeviceId& device,
                                                           std::shared_ptr<DeviceChannel> channel) {
  std::shared_ptr<DeviceChannel> replaced;
  std::vector<Pending> lost;
  ConnectionId id{};
  {
    const std::lock_guard lock(state_->mutex);
    id = ConnectionId{state_->next_id++};
    Connection& slot = state_->connections[{tenant, device}];
    if (slot.channel) {
      replaced = std::move(slot.channel);
      lost = state_->take_of(slot.id);
    }
    slot = {id, std::move(channel)};
  }
  if (replaced) {
    log::warning("second connection of a device replaces the first",
                 {{"tenant", tenant.str()}, {"device", device.str()}});
    replaced->close("another connection of this device took over");
    end_all(lost, "connected anew");
  }
  return id;
}

void DeviceConnections::disconnect(const TenantId& tenant, const DeviceId& device,
                                   ConnectionId connection) {
  std::vector<Pending> lost;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->connections.find({tenant, device});
    if (it != state_->connections.end() && it->second.id == connection) {
      state_->connections.erase(it);
    }
    lost = state_->take_of(connection);
  }
  end_all(lost, "disconnected");
}

void DeviceConnections::drop(const TenantId& tenant, const DeviceId& device,
                             const std::string& reason) {
  Connection dropped;
  std::vector<Pending> lost;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->connections.find({tenant, device});
    if (it == state_->connections.end()) return;
    dropped = std::move(it->second);
    state_->connections.erase(it);
    lost = state_->take_of(dropped.id);
  }
  dropped.channel->close(reason);
  end_all(lost, "was disconnected");
}

bool DeviceConnections::is_connected(const TenantId& tenant, const DeviceId& device) const {
  const std::lock_guard lock(state_->mutex);
  return state_->connections.contains({tenant, device});
}

void DeviceConnections::send_command(const TenantId& tenant, const DeviceId& device,
                                     const Command& command, Callback done,
                                     std::chrono::milliseconds timeout) {
  const std::string id = new_message_id();
  const std::string text = encode_command(command, tenant, device, id, state_->clock.now());
  std::shared_ptr<DeviceChannel> channel;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->connections.find({tenant, device});
    if (it != state_->connections.end()) {
      channel = it->second.channel;
      state_->pending.emplace(id, Pending{{tenant, device},
                                          it->second.id,
                                          state_->clock.steady_now() + timeout,
                                          timeout,
                                          std::move(done)});
    }
  }
  if (!channel) {
    done(not_connected(device));
    return;
  }
  channel->send(text);
}

Result<> DeviceConnections::answer(const TenantId& tenant, const DeviceId& device,
                                   const std::string& message_id, CommandAnswer answer) {
  Callback done;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->pending.find(message_id);
    if (it == state_->pending.end() || it->second.key != Key{tenant, device}) {
      return not_found("no command with message_id " + quote(message_id) +
                       " waits for this device; answer each command once, within its time");
    }
    done = std::move(it->second.done);
    state_->pending.erase(it);
  }
  done(std::move(answer));
  return {};
}

void DeviceConnections::tick() {
  std::vector<Pending> late;
  {
    const std::lock_guard lock(state_->mutex);
    const auto now = state_->clock.steady_now();
    late = state_->take([now](const Pending& p) { return p.deadline <= now; });
  }
  for (Pending& p : late) {
    const auto seconds = std::chrono::duration<double>(p.timeout).count();
    p.done(Error{ErrorCode::kDeadlineExceeded,
                 "device " + quote(p.key.second.str()) + " did not answer within " +
                     std::to_string(static_cast<long>(seconds + 0.5)) +
                     " s; it may still carry the command out, ask for its state",
                 {}});
  }
}

}  // namespace millwright
