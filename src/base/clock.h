#pragma once
/// Time as the platform uses it: UTC, 64-bit microseconds since the epoch.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace millwright {

using Microseconds = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Microseconds>;

constexpr std::int64_t to_us(Timestamp t) { return t.time_since_epoch().count(); }
constexpr Timestamp from_us(std::int64_t us) { return Timestamp{Microseconds{us}}; }

/// ISO 8601 in UTC with microseconds, "2026-11-25T09:30:00.000000Z".
std::string format_utc(Timestamp t);
/// Reads what format_utc writes; fraction (up to 6 digits) and "Z" may be missing, an offset such
/// as
/// "+01:00" is understood. Errors: kInvalidArgument.
Result<Timestamp> parse_utc(std::string_view text);

/// Injected wherever time is read, so that no test sleeps. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  /// Never goes backwards; for time-outs and intervals.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

/// For tests: stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_us_(to_us(start)) {}
  Timestamp now() const override { return from_us(now_us_.load()); }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point{Microseconds{now_us_.load()}};
  }
  void advance(Microseconds by) { now_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_us_;
};

}  // namespace millwright
