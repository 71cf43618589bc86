#pragma once
/// New samples to subscribers, at most one message an interval each.
///
/// publish() takes a reference of what the bus brings and returns; the pump's thread sorts it by
/// subscriber and sends. A subscriber that has heard nothing for an interval is served at once;
/// what arrives meanwhile waits and goes out together, ascending in time, of equal times the
/// newest. What waits for one subscriber is bounded: past `pending` samples each series keeps its
/// newest and the older ones are left out of the live stream (they are stored; a chart reads them).
///
/// Threads: publish, add and the handles from any; flush() is called by one thread at a time.

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "messaging/bus.h"

namespace millwright {

struct LiveFilter {
  TenantId tenant;
  DeviceId device;
  Path path;
};

/// The columns of one series in one message.
struct LiveColumns {
  Metric metric;
  SampleColumns samples;
};

struct LiveSink {
  std::function<void(const std::vector<LiveColumns>&)> on_samples;
  std::function<void()> on_complete;
};

class LiveSamples {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// One subscriber. Destroying it ends it and waits for a call that is running.
  class Handle {
   public:
    virtual ~Handle() = default;
    virtual void pause(bool paused) = 0;
  };

  LiveSamples(const Clock& clock, std::chrono::milliseconds interval, std::size_t pending);
  ~LiveSamples();

  std::unique_ptr<Handle> add(LiveFilter filter, LiveSink sink);
  /// From the bus: samples of subscribed tenants and removed devices; everything else is ignored.
  /// Answers whether flush() has something to do.
  bool publish(const std::shared_ptr<const Message>& message);
  /// Sends what is due. Answers when the next message is due; missing where nothing waits.
  std::optional<TimePoint> flush();
  /// Completes every subscriber; nothing is sent afterwards.
  void complete_all();

  std::size_t subscribers() const;
  /// Samples left out so far, because a subscriber's share was full.
  std::uint64_t left_out() const;

 private:
  struct Subscriber;
  struct State;
  std::shared_ptr<State> state_;  // handles may outlive us
};

}  // namespace millwright
