#include "analytics/live_pump.h"

namespace millwright {

LivePump::LivePump(Bus& bus, LiveSamples& samples) : samples_(samples) {
  thread_ = std::thread([this] { run(); });
  subscription_ = bus.subscribe([this](const std::shared_ptr<const Message>& message) {
    if (!samples_.publish(message)) return;
    {
      const std::lock_guard lock(mutex_);
      work_ = true;
    }
    changed_.notify_one();
  });
}

LivePump::~LivePump() {
  subscription_.reset();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  samples_.complete_all();
}

void LivePump::run() {
  std::optional<LiveSamples::TimePoint> due;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto woken = [this] { return work_ || stopping_; };
      if (due) {
        changed_.wait_until(lock, *due, woken);
      } else {
        changed_.wait(lock, woken);
      }
      if (stopping_) return;
      work_ = false;
    }
    due = samples_.flush();
  }
}

}  // namespace millwright
