#pragma once
/// Metrics of one place together: what they explain of each other (ml/anomaly/relation_detector.h).
///
/// A place is a path of a device with 2 to 16 numeric metrics; counters are left out. Rows are
/// means of a minute that all of them have. What a detector knows is in the store, so nothing is
/// saved: after a start, and when a metric joins, the last day is read from there, one place at a
/// time. An anomaly is stored with the metric that departs most from what the others explain. Not
/// thread-safe: the analyst's worker owns it.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "analyst/anomaly_book.h"
#include "analyst/bucket_mean.h"
#include "analyst/counter_check.h"
#include "ml/anomaly/relation_detector.h"

namespace millwright {

class RelationWatch {
 public:
  /// All outlive the watch.
  RelationWatch(TenantStore& store, Bus& bus, const Clock& clock)
      : store_(store), book_(store, bus, clock) {}

  void observe(const Metric& metric, const SampleColumns& samples);
  /// Reads some hours of one place whose last day is not known yet. Answers whether there was one.
  bool read_a_past();
  void forget(const DeviceId& device);

  std::uint64_t changes() const { return changes_; }  ///< anomalies opened or closed

 private:
  struct Member {
    Metric metric;
    BucketMean means;
    CounterCheck counter;
  };
  struct Place {
    std::vector<Member> members;
    std::set<SeriesId> counters;                       ///< Left out.
    std::map<std::int64_t, std::vector<double>> rows;  ///< By minute; NaN where a mean is missing.
    std::optional<ml::RelationDetector> detector;
    std::optional<std::int64_t> past_read_us;  ///< So far; nothing before the first step.
    bool knows_past = false;                   ///< Rows are judged from then on.
    std::optional<ml::AnomalyChange> open;
    std::size_t open_member = 0;
  };
  using Key = std::pair<DeviceId, Path>;

  void take(Place& place, std::size_t member, const BucketMean::Bucket& bucket);
  void leave_out(Place& place, std::size_t member);
  void start_anew(Place& place);
  void judge(Place& place, std::int64_t minute_us, const std::vector<double>& row);
  void close_open(Place& place, std::int64_t end_us);
  void write(const Metric& metric, const ml::AnomalyChange& change);
  Result<> read_past(Place& place);

  TenantStore& store_;
  AnomalyBook book_;
  std::map<Key, Place> places_;
  std::uint64_t changes_ = 0;
};

}  // namespace millwright
