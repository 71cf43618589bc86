#pragma once
/// How long to wait before the next attempt: uniform in 0 ... min(longest, first * 2^failures), so
/// that many agents do not come back at once ("full jitter", AWS Architecture Blog 2015).
///
/// Not thread-safe.

#include <chrono>
#include <random>

namespace millwright::uplink {

struct BackoffOptions {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds longest{300'000};
};

class Backoff {
 public:
  Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}
  /// The wait after one more failure; at least 10 ms.
  std::chrono::milliseconds next();
  void succeeded() { failures_ = 0; }
  unsigned failures() const { return failures_; }

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
  unsigned failures_ = 0;
};

}  // namespace millwright::uplink
