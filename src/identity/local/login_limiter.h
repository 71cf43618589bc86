#pragma once
/// Slows guessing down: after five wrong passwords a user name waits a minute.
/// Threads: the caller's. Memory is bounded: the oldest name is forgotten first.

#include <map>
#include <string>

#include "base/clock.h"

namespace millwright {

class LoginLimiter {
 public:
  explicit LoginLimiter(const Clock& clock) : clock_(clock) {}
  /// Errors: kResourceExhausted while the name waits.
  Result<> check(const std::string& user);
  void failed(const std::string& user);
  void succeeded(const std::string& user);

 private:
  struct Attempts {
    int failures = 0;
    std::chrono::steady_clock::time_point last;
  };
  const Clock& clock_;
  std::map<std::string, Attempts> attempts_;
};

}  // namespace millwright
