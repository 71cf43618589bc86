#include "identity/local/login_limiter.h"

namespace millwright {
namespace {
constexpr int kMaxFailures = 5;
constexpr auto kWait = std::chrono::minutes(1);
constexpr std::size_t kMaxNames = 10'000;
}  // namespace

Result<> LoginLimiter::check(const std::string& user) {
  const auto found = attempts_.find(user);
  if (found == attempts_.end() || found->second.failures < kMaxFailures) return {};
  if (clock_.steady_now() - found->second.last >= kWait) {
    attempts_.erase(found);
    return {};
  }
  return resource_exhausted("too many wrong passwords for this user; wait one minute");
}

void LoginLimiter::failed(const std::string& user) {
  if (attempts_.size() >= kMaxNames) {
    const auto oldest = std::min_element(attempts_.begin(), attempts_.end(), [](auto& a, auto& b) {
      return a.second.last < b.second.last;
    });
    attempts_.erase(oldest);
  }
  Attempts& attempts = attempts_[user];
  ++attempts.failures;
  attempts.last = clock_.steady_now();
}

void LoginLimiter::succeeded(const std::string& user) { attempts_.erase(user); }

}  // namespace millwright
