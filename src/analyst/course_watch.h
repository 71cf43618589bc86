#pragma once
/// The scheduled tier for single metrics: the course of the last hours against four weeks of past.
///
/// Means of five minutes feed a ml::PastDetector for each numeric metric, as many as the budget of
/// the process allows (a quarter of a megabyte each). What a detector knows is in the store, so
/// nothing is saved: after a start its past is read from there, a day at a time, and told about is
/// only what comes after. Counters are left out: their level is always new.
/// Not thread-safe: the analyst's worker owns it.

#include <map>

#include "analyst/anomaly_book.h"
#include "analyst/bucket_mean.h"
#include "analyst/counter_check.h"
#include "analyst/watch_budget.h"
#include "ml/anomaly/past_detector.h"

namespace millwright {

class CourseWatch {
 public:
  /// All outlive the watch.
  CourseWatch(TenantStore& store, Bus& bus, const Clock& clock, WatchBudget& budget)
      : store_(store), budget_(budget), book_(store, bus, clock) {}

  void observe(const Metric& metric, const SampleColumns& samples);
  /// Reads a day of the past of one metric that is not known yet. Answers whether there was one:
  /// call it again when there is time.
  bool read_a_past();
  void forget(const DeviceId& device);

  std::uint64_t changes() const { return changes_; }  ///< anomalies opened or closed

 private:
  struct Watched {
    WatchBudget::Share share;
    Metric metric;
    BucketMean means;
    ml::PastDetector detector;
    CounterCheck counter;
    bool knows_past = false;
    std::optional<std::int64_t> past_read_us;  ///< So far; nothing before the first step.
    std::optional<ml::AnomalyChange> open;
    std::uint32_t calm = 0;  ///< Buckets on end below the limit.
  };

  void take(Watched& watched, const BucketMean::Bucket& bucket);
  void write(Watched& watched, const ml::AnomalyChange& change);
  Result<> read_past(Watched& watched);

  TenantStore& store_;
  WatchBudget& budget_;
  AnomalyBook book_;
  std::map<SeriesId, Watched> watched_;
  std::uint64_t changes_ = 0;
};

}  // namespace millwright
