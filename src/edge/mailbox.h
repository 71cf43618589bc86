#pragma once
/// One answer from another thread, fetched when the owner comes by.

#include <memory>
#include <mutex>
#include <optional>

namespace millwright::edge {

/// Shared by the thread that asks and the callback that answers, which may outlive the former.
template <typename T>
class Mailbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::mutex mutex_;  // guards value_
  std::optional<T> value_;
};

}  // namespace millwright::edge
