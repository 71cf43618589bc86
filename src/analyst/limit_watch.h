#pragma once
/// Foretells when the metrics that have a degradation limit will be at it.
///
/// Of each such metric it follows at most 1,024 levels over its whole past (400 days at most, or
/// since the last label "service" of its place): means of equal spans of time, of a waveform the
/// RMS of the newest burst of each span. The spans start at ten seconds and double as the past
/// grows. All of it is read from the store, so a restart changes nothing; the bus only says that a
/// span is over. The forecast is ml/rul/degradation_path.h.
/// Not thread-safe: the analyst's worker owns it.

#include <map>
#include <optional>
#include <vector>

#include "ml/rul/degradation_path.h"
#include "model/degradation_limit.h"
#include "model/event.h"
#include "storage/tenant_directory.h"

namespace millwright {

class LimitWatch {
 public:
  /// Both outlive the watch.
  LimitWatch(TenantStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Notes that there are samples of the metric up to a time.
  void observe(const Metric& metric, std::int64_t newest_us);
  /// The verdict on one metric that has a new span of time; nothing when there is none. Looks for
  /// new limits every ten seconds. Call it again when there is time, until it answers nothing.
  /// Errors of the store become a verdict that says so.
  std::optional<Prediction> judge_one();
  void forget(const DeviceId& device);

 private:
  struct Watched {
    DegradationLimit limit;
    std::optional<Metric> metric{};             // missing until it is known
    std::optional<std::int64_t> newest_us{};    // sample
    std::optional<std::int64_t> serviced_us{};  // nothing before counts
    std::optional<std::int64_t> failed_us{};    // where reading failed last
    std::int64_t width_us = 0;                  // of a span; 0 before the past was read
    std::int64_t begin_us = 0, through_us = 0;  // what was read
    std::vector<ml::PathPoint> points{};        // of a limit below with the other sign
    bool is_told = false;                       // that no span is needed for
  };

  Result<> refresh();
  Result<> refresh(Watched& watched);
  std::optional<Prediction> judge(Watched& watched);
  /// Reads the spans that are over. Answers whether that brought anything new.
  Result<bool> read(Watched& watched);
  Result<> read_all(Watched& watched);
  Result<> read_spans(Watched& watched, std::int64_t end_us);
  Result<std::optional<std::int64_t>> first_sample_us(const Watched& watched);
  Result<double> burst_rms(SeriesId series, TimeRange span);
  Prediction prediction_of(const Watched& watched) const;

  TenantStore& store_;
  const Clock& clock_;
  std::map<std::int64_t, Watched> watched_;  // by the limit's id
  std::optional<std::chrono::steady_clock::time_point> refreshed_;
};

}  // namespace millwright
