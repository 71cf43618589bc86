#pragma once
/// Keeps a message that repeats itself out of the log: said when it changes, and once a minute.

#include <chrono>
#include <string>

namespace millwright::edge {

class RepeatGuard {
 public:
  bool is_news(const std::string& text, std::chrono::steady_clock::time_point now) {
    if (text == last_ && now < next_) return false;
    last_ = text;
    next_ = now + std::chrono::minutes(1);
    return true;
  }

 private:
  std::string last_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace millwright::edge
