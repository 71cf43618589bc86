#pragma once
/// Everything that judges one tenant's samples: detectors, and the live models where they fit.
///
/// Not thread-safe: the analyst's worker owns it. Publishes on the bus.

#include <memory>
#include <vector>

#include "analyst/course_watch.h"
#include "analyst/detector_bank.h"
#include "analyst/fault_watch.h"
#include "analyst/life_watch.h"
#include "analyst/limit_watch.h"
#include "analyst/live_models.h"
#include "analyst/relation_watch.h"

namespace millwright {

/// Which detectors run; models run where there are any.
struct DetectorChoice {
  bool series = true;
  bool relations = true;
  bool courses = true;
};

class TenantAnalyst {
 public:
  /// `bus`, `clock` and `budget` outlive it.
  TenantAnalyst(std::shared_ptr<TenantStore> store, Bus& bus, const Clock& clock,
                WatchBudget& budget, DetectorChoice choice = {});

  bool judges(const TenantStore& store) const { return store_.get() == &store; }
  /// Replaces the models; those that stay keep what they follow.
  void set_models(const LiveModels& models);
  void observe(const SamplesStored& stored);
  void forget(const DeviceId& device);
  void save() { detectors_.save(); }
  /// Does one piece of what can wait: foretells when a metric meets its limit, or reads the past of
  /// a metric or a place whose detector does not know it yet. Answers whether there was one.
  bool read_a_past();

  std::uint64_t anomaly_changes() const {
    return detectors_.changes() + relations_.changes() + courses_.changes();
  }
  std::uint64_t predictions() const { return predictions_; }

 private:
  void detect(const SamplesStored& stored);
  void store(const Prediction& prediction);
  void refused(const ModelLabel& model, const Error& error);

  std::shared_ptr<TenantStore> store_;
  Bus& bus_;
  const Clock& clock_;
  const DetectorChoice choice_;
  DetectorBank detectors_;
  RelationWatch relations_;
  CourseWatch courses_;
  std::vector<FaultWatch> faults_;
  std::vector<LifeWatch> lives_;
  LimitWatch limits_;
  std::uint64_t predictions_ = 0;
  std::map<std::string, std::chrono::steady_clock::time_point> complained_;  // by model
};

}  // namespace millwright
