#pragma once
/// What a back-test tries: the analyst's own watches as they run live, or a rule.
///
/// One object for each device. Not thread-safe.

#include <memory>
#include <span>

#include "analyst/live_models.h"
#include "analyst/replay/alarm_log.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

/// What is on trial, with the model that it names.
struct TrialSubject {
  std::variant<backtest::Detectors, backtest::LimitRule, std::shared_ptr<const BurstModel>> what;
  /// Whether it looks at this metric.
  bool reads(const Metric& metric) const;
};

class Trial {
 public:
  virtual ~Trial() = default;
  /// Samples of one device, not before those of the last call; `newest_us` is the latest of them.
  /// Errors: those of the log.
  virtual Result<> observe(const SamplesStored& stored, std::int64_t newest_us) = 0;
};

/// Store and log outlive the trial. Errors: kResourceExhausted where so many metrics need more
/// memory than a trial may have.
Result<std::unique_ptr<Trial>> start_trial(const TrialSubject& subject, TenantStore& store,
                                           std::span<const Metric> metrics, AlarmLog& log);

}  // namespace millwright
