#pragma once
/// Runs one burst model on every component that has its inputs.
///
/// A burst is complete when all inputs have sent a block of the same start; the blocks may come in
/// one commit or in several. A burst that is not newer than the last judged one is left alone.
/// Not thread-safe: the analyst's worker owns it.

#include <map>
#include <memory>
#include <vector>

#include "analyst/component.h"
#include "analyst/live_models.h"
#include "model/event.h"
#include "model/samples.h"

namespace millwright {

class FaultWatch {
 public:
  explicit FaultWatch(std::shared_ptr<const BurstModel> model) : model_(std::move(model)) {}

  /// Missing where the burst is not complete yet, too short, or of no component of the model.
  /// Errors: those of the model.
  Result<std::optional<Prediction>> observe(const Metric& metric, const Waveform& block);
  void forget(const DeviceId& device);
  const BurstModel& model() const { return *model_; }

 private:
  struct State {
    std::map<std::int64_t, std::map<std::size_t, Waveform>> waiting;  // by start, then input
    std::optional<std::int64_t> judged_us;
  };
  Result<std::optional<Prediction>> judge(const Component& component,
                                          const std::map<std::size_t, Waveform>& burst) const;

  std::shared_ptr<const BurstModel> model_;
  std::map<Component, State> components_;
};

}  // namespace millwright
