#include "analyst/fault_watch.h"

#include <algorithm>

namespace millwright {
namespace {

/// Starts that may wait for their other axes; more means that an axis has gone silent.
constexpr std::size_t kWaitingBursts = 8;

}  // namespace

Result<std::optional<Prediction>> FaultWatch::observe(const Metric& metric, const Waveform& block) {
  const auto nothing = std::optional<Prediction>();
  const auto place = place_of(metric.key, model_->label().inputs);
  if (!place) return nothing;
  State& state = components_[place->component];
  if (state.judged_us && block.start_us <= *state.judged_us) return nothing;
  auto& burst = state.waiting[block.start_us];
  burst.insert_or_assign(place->input, block);
  if (burst.size() < model_->label().inputs.size()) {
    if (state.waiting.size() > kWaitingBursts) state.waiting.erase(state.waiting.begin());
    return nothing;
  }
  state.judged_us = block.start_us;
  const auto complete = std::move(burst);
  // Older starts whose axes never met will not be judged any more.
  state.waiting.erase(state.waiting.begin(), state.waiting.upper_bound(block.start_us));
  return judge(place->component, complete);
}

Result<std::optional<Prediction>> FaultWatch::judge(
    const Component& component, const std::map<std::size_t, Waveform>& burst) const {
  const Waveform& first = burst.begin()->second;
  std::size_t length = first.value.size();
  for (const auto& [input, block] : burst) {
    if (block.sample_rate_hz != first.sample_rate_hz) return std::optional<Prediction>();
    length = std::min(length, block.value.size());
  }
  if (length < model_->window_size()) return std::optional<Prediction>();
  std::vector<std::vector<double>> values;
  for (const auto& [input, block] : burst) {
    values.emplace_back(block.value.begin(),
                        block.value.begin() + static_cast<std::ptrdiff_t>(length));
  }
  MW_ASSIGN(auto verdict, model_->judge(values, first.sample_rate_hz));
  Prediction prediction{component.device,
                        component.path,
                        PredictionKind::kFaultClass,
                        model_->label().name,
                        model_->label().version,
                        from_us(first.start_us),
                        std::move(verdict.predicted),
                        verdict.probability,
                        {},
                        {},
                        {},
                        "",
                        std::move(verdict.reason)};
  return std::optional(std::move(prediction));
}

void FaultWatch::forget(const DeviceId& device) {
  std::erase_if(components_, [&](const auto& entry) { return entry.first.device == device; });
}

}  // namespace millwright
