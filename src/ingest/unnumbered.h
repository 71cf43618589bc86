#pragma once
/// Samples of producers that do not number them: checked one by one, up to the first bad one.
///
/// Threads: the tenant's writer only.

#include "ingest/epoch_cursor.h"
#include "ingest/protocol.h"
#include "ingest/series_samples.h"

namespace millwright::ingest {

class Unnumbered {
 public:
  Unnumbered(TenantCatalog& catalog, KnownDevices& devices)
      : catalog_(catalog), devices_(devices) {}

  /// Puts the samples before the first refusal into `out`. A metric that is not known is created.
  std::optional<FirstRefusal> build(const std::vector<UnnumberedSample>& samples,
                                    std::int64_t latest_us, TouchedMetrics& touched, Append& out);
  void forget_metrics() { metrics_.clear(); }

 private:
  Result<const Metric*> metric(const UnnumberedSample& sample);

  TenantCatalog& catalog_;
  KnownDevices& devices_;
  std::unordered_map<std::string, Metric> metrics_;  // by device, path and metric as written
};

}  // namespace millwright::ingest
