#pragma once
/// Keeps the answers of a session, for tests.

#include <mutex>
#include <vector>

#include "ingest/hub.h"

namespace millwright::ingest::testing {

class RecordingListener final : public SessionListener {
 public:
  void on_reply(Reply reply) override {
    const std::lock_guard lock(mutex_);
    replies_.push_back(std::move(reply));
  }
  void on_space() override {
    const std::lock_guard lock(mutex_);
    ++spaces_;
  }

  std::vector<Reply> replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
  }
  int spaces() const {
    const std::lock_guard lock(mutex_);
    return spaces_;
  }
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const Reply& reply : replies()) {
      if (const T* match = std::get_if<T>(&reply)) out.push_back(*match);
    }
    return out;
  }
  template <typename T>
  std::optional<T> last() const {
    auto matches = all<T>();
    if (matches.empty()) return std::nullopt;
    return std::move(matches.back());
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Reply> replies_;  // guarded by mutex_
  int spaces_ = 0;              // guarded by mutex_
};

}  // namespace millwright::ingest::testing
