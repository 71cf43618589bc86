#pragma once
/// The bus of one process: a list of handlers, called in turn.

#include "messaging/bus.h"

namespace millwright {

class InprocessBus final : public Bus {
 public:
  InprocessBus();
  ~InprocessBus() override;
  void publish(Message message) override;
  std::unique_ptr<Subscription> subscribe(Handler handler) override;

 private:
  struct State;
  std::shared_ptr<State> state_;  // subscriptions may outlive the bus
};

}  // namespace millwright
