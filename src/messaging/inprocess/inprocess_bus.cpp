#include "messaging/inprocess/inprocess_bus.h"

#include <shared_mutex>

namespace millwright {

struct InprocessBus::State {
  std::shared_mutex mutex;  // shared while handlers run, unique to change the list
  std::map<std::uint64_t, Handler> handlers;
  std::uint64_t next = 1;
};

namespace {

class Registration final : public Subscription {
 public:
  explicit Registration(std::function<void()> end) : end_(std::move(end)) {}
  ~Registration() override { end_(); }

 private:
  std::function<void()> end_;
};

}  // namespace

InprocessBus::InprocessBus() : state_(std::make_shared<State>()) {}
InprocessBus::~InprocessBus() = default;

void InprocessBus::publish(Message message) {
  const auto shared = std::make_shared<const Message>(std::move(message));
  const std::shared_lock lock(state_->mutex);
  for (const auto& [id, handler] : state_->handlers) handler(shared);
}

std::unique_ptr<Subscription> InprocessBus::subscribe(Handler handler) {
  const std::unique_lock lock(state_->mutex);
  const std::uint64_t id = state_->next++;
  state_->handlers.emplace(id, std::move(handler));
  return std::make_unique<Registration>([state = state_, id] {
    const std::unique_lock end_lock(state->mutex);
    state->handlers.erase(id);
  });
}

}  // namespace millwright
