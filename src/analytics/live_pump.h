#pragma once
/// The thread that sends live samples: from the bus into LiveSamples, and out when due.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "analytics/live_samples.h"

namespace millwright {

class LivePump {
 public:
  /// `bus` and `samples` outlive the pump.
  LivePump(Bus& bus, LiveSamples& samples);
  /// Completes every subscriber.
  ~LivePump();

 private:
  void run();

  LiveSamples& samples_;
  std::mutex mutex_;  // guards work_ and stopping_
  std::condition_variable changed_;
  bool work_ = false;
  bool stopping_ = false;
  std::thread thread_;
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace millwright
