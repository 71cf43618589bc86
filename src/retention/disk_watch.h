#pragma once
/// Watches the file system that holds the data: the floor below which nothing more is taken in, and
/// the day when it will be reached.
///
/// A database without room can neither store nor tidy up, so ingestion is refused while there is
/// still some left; reading and logging in go on. What is refused is not lost: agents keep it in
/// their journals and come again. The gate opens by itself when a tenth more than the floor is
/// free, so that it does not flap.
///
/// Growth is the median of the slopes between all pairs of measurements of the last hours
/// (Theil 1950, Sen 1968): up to 29 % of them may be outliers, such as a copy that somebody made
/// and removed.
///
/// Threads: tick() by one at a time, admit() by any. admit() is one atomic read.

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <span>

#include "base/clock.h"
#include "telemetry/telemetry.h"

namespace millwright {

struct DiskSpace {
  std::uint64_t size_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< for this process, which is not root's reserve
};

/// By statvfs. Errors: kInternal naming the folder.
Result<DiskSpace> measure_disk(const std::filesystem::path& folder);

struct DiskWatchOptions {
  /// Missing: 1 GiB or 5 % of the file system, whichever is smaller. 0: never refuse.
  std::optional<std::uint64_t> floor_bytes;
  Microseconds measure_interval = std::chrono::minutes(5);  ///< of what the forecast looks at
  Microseconds window = std::chrono::hours(12);
  Microseconds least_history = std::chrono::minutes(30);  ///< before there is a forecast
  double warn_days = 14;
  Microseconds warn_again = std::chrono::hours(24);
  std::chrono::seconds retry_after{30};  ///< told to whom is refused
};

class DiskWatch {
 public:
  using Measure = std::function<Result<DiskSpace>()>;

  /// Measures at once. `clock` and `telemetry` outlive the watch.
  DiskWatch(Measure measure, const Clock& clock, telemetry::Telemetry& telemetry,
            DiskWatchOptions options = {});

  /// Measures. Call it about once a second: between two calls the floor is not watched.
  void tick();

  /// Whether more may be stored. Errors: kResourceExhausted in words for the sender.
  Result<> admit() const;

  struct Forecast {
    double growth_bytes_per_day = 0;  ///< negative where space is being given back
    /// Until the floor; missing where nothing grows.
    std::optional<double> days;
  };
  /// Missing while there is too little history. For tick()'s thread.
  std::optional<Forecast> forecast() const;

 private:
  struct Measurement {
    std::chrono::steady_clock::time_point at;
    std::uint64_t free_bytes = 0;
  };
  void watch_floor(const DiskSpace& space);
  void watch_growth(const DiskSpace& space);
  std::uint64_t floor_of(const DiskSpace& space) const;

  const Measure measure_;
  const Clock& clock_;
  const DiskWatchOptions options_;
  telemetry::Gauge& size_;
  telemetry::Gauge& free_;
  telemetry::Gauge& floor_;
  telemetry::Gauge& refused_;
  telemetry::Gauge& growth_;
  telemetry::Gauge& days_;

  std::atomic<bool> is_full_ = false;
  bool was_measured_ = true;
  DiskSpace newest_;
  std::deque<Measurement> history_;  // ascending
  std::optional<std::chrono::steady_clock::time_point> warned_;
};

/// Median of the slopes between all pairs (Theil, Sen), in units of y per unit of x. x ascends
/// strictly; missing for fewer than two points. O(n^2).
std::optional<double> robust_slope(std::span<const double> x, std::span<const double> y);

}  // namespace millwright
