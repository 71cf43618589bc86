#pragma once
/// Back-tests on behalf of API callers: few at a time, and none for long.
///
/// Threads: any.

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>

#include "backtest/back_test.h"
#include "storage/tenant_directory.h"

namespace millwright {

/// Runs one; the wiring gives it. Ends early with kCancelled when it is told to stop.
using BackTester = std::function<Result<backtest::Report>(TenantStore&, const backtest::Request&,
                                                          std::stop_token)>;

class BackTests {
 public:
  /// Without a tester every run is refused.
  BackTests(BackTester tester, std::chrono::milliseconds most_time)
      : tester_(std::move(tester)), most_time_(most_time) {}

  /// Blocks. Errors: kResourceExhausted while the tenant has one running, or the server
  /// kMostAtOnce; kDeadlineExceeded after the most time; kUnavailable without a tester; those of
  /// the tester.
  Result<backtest::Report> run(TenantStore& store, const backtest::Request& request);

  static constexpr std::size_t kMostAtOnce = 2;

 private:
  class Turn;

  const BackTester tester_;
  const std::chrono::milliseconds most_time_;
  std::mutex mutex_;
  std::set<TenantId> running_;  // guarded by mutex_
};

}  // namespace millwright
