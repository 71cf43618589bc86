#pragma once
/// What waits for the analyst's worker: messages, bounded by the samples in them.
///
/// Threads: any number may put, one takes.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "messaging/bus.h"

namespace millwright {

class WorkQueue {
 public:
  struct Item {
    std::shared_ptr<const Message> message;
    std::size_t samples = 0;
  };

  explicit WorkQueue(std::size_t limit_samples) : limit_(limit_samples) {}

  /// False where the message does not fit and was left out. One without samples always fits, and
  /// so does any into an empty queue. Never blocks for longer than a push.
  bool put(Item item);
  /// The oldest; missing after `wait` without one, or at once after close() when nothing is left.
  /// Taking says that the one before is done.
  std::optional<Item> take(std::chrono::milliseconds wait);
  void close();
  bool is_closed() const;
  std::size_t samples() const;
  /// Returns when everything put before is done.
  void wait_until_done();

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable filled_, done_;
  std::deque<Item> items_;
  std::size_t samples_ = 0;
  std::size_t limit_;
  std::uint64_t put_count_ = 0;
  std::uint64_t done_count_ = 0;
  bool is_working_ = false;
  bool is_closed_ = false;
};

}  // namespace millwright
