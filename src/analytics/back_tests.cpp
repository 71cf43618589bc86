#include "analytics/back_tests.h"

#include <condition_variable>
#include <thread>

namespace millwright {
namespace {

/// Asks to stop when the time is over.
class Alarm {
 public:
  explicit Alarm(std::chrono::milliseconds after)
      : waiting_([this, after](const std::stop_token& no_more) {
          std::unique_lock lock(mutex_);
          changed_.wait_for(lock, no_more, after, [] { return false; });
          if (!no_more.stop_requested()) over_.request_stop();
        }) {}
  std::stop_token token() const { return over_.get_token(); }

 private:
  std::stop_source over_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread waiting_;  // last: it uses the others
};

}  // namespace

/// One run's place among the few.
class BackTests::Turn {
 public:
  Turn(BackTests& all, const TenantId& tenant) : all_(all), tenant_(tenant) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!taken_) return;
    const std::lock_guard lock(all_.mutex_);
    all_.running_.erase(tenant_);
  }
  Result<> take() {
    const std::lock_guard lock(all_.mutex_);
    if (all_.running_.contains(tenant_)) {
      return resource_exhausted(
          "a back-test of this tenant is running; ask again when it has ended");
    }
    if (all_.running_.size() >= kMostAtOnce) {
      return resource_exhausted("other back-tests are running; ask again in a minute");
    }
    all_.running_.insert(tenant_);
    taken_ = true;
    return {};
  }

 private:
  BackTests& all_;
  const TenantId tenant_;
  bool taken_ = false;
};

Result<backtest::Report> BackTests::run(TenantStore& store, const backtest::Request& request) {
  if (!tester_) return unavailable("back-tests do not run here");
  Turn turn(*this, store.tenant());
  MW_TRY(turn.take());
  const Alarm alarm(most_time_);
  auto report = tester_(store, request, alarm.token());
  if (report || report.error().code != ErrorCode::kCancelled) return report;
  return Error{ErrorCode::kDeadlineExceeded,
               "the back-test took longer than " +
                   std::to_string(std::chrono::ceil<std::chrono::seconds>(most_time_).count()) +
                   " s; ask for fewer days, a path or a metric, or use the command 'millwright "
                   "backtest'",
               ""};
}

}  // namespace millwright
