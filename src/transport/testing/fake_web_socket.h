#pragma once
/// Remembers what a handler sends. For tests only.

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "transport/http/web_socket.h"

namespace millwright::testing {

class FakeWebSocket final : public http::WebSocketConnection {
 public:
  void send(std::string text) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(nlohmann::json::parse(text));
  }
  std::size_t backlog() const override { return waiting; }
  void close(std::uint16_t code, std::string) override {
    const std::lock_guard lock(mutex_);
    if (!code_) code_ = code;
  }
  std::vector<nlohmann::json> sent() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  /// 0 while open.
  int code() {
    const std::lock_guard lock(mutex_);
    return code_.value_or(0);
  }
  std::size_t waiting = 0;

 private:
  std::mutex mutex_;
  std::vector<nlohmann::json> sent_;
  std::optional<int> code_;
};

}  // namespace millwright::testing
