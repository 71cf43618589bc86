#include "analyst/tenant_analyst.h"

#include <algorithm>

#include "base/log.h"

namespace millwright {
namespace {

constexpr std::chrono::seconds kBetweenComplaints{60};

/// One watch for each model; watches whose model stays live stay as they are.
template <typename Watch, typename Model, typename Make>
std::vector<Watch> watches_of(std::vector<Watch> watches,
                              const std::vector<std::shared_ptr<const Model>>& models,
                              const Make& make) {
  std::vector<Watch> kept;
  for (const auto& model : models) {
    const auto same = std::find_if(watches.begin(), watches.end(), [&](const Watch& watch) {
      return &watch.model() == model.get();
    });
    kept.push_back(same == watches.end() ? make(model) : std::move(*same));
  }
  return kept;
}

}  // namespace

TenantAnalyst::TenantAnalyst(std::shared_ptr<TenantStore> store, Bus& bus, const Clock& clock,
                             WatchBudget& budget, DetectorChoice choice)
    : store_(std::move(store)),
      bus_(bus),
      clock_(clock),
      choice_(choice),
      detectors_(*store_, bus, clock),
      relations_(*store_, bus, clock),
      courses_(*store_, bus, clock, budget),
      limits_(*store_, clock) {}

void TenantAnalyst::set_models(const LiveModels& models) {
  faults_ = watches_of(std::move(faults_), models.burst,
                       [](const auto& model) { return FaultWatch(model); });
  lives_ = watches_of(std::move(lives_), models.life,
                      [this](const auto& model) { return LifeWatch(model, store_->samples()); });
}

void TenantAnalyst::detect(const SamplesStored& stored) {
  std::map<DeviceId, std::int64_t> reached;
  for (const auto& [metric, samples] : stored.scalars) {
    if (choice_.series) detectors_.observe(metric, samples);
    if (choice_.relations) relations_.observe(metric, samples);
    if (choice_.courses) courses_.observe(metric, samples);
    if (samples.size() == 0) continue;
    auto& newest_us = reached[metric.key.device];
    newest_us = std::max(newest_us, samples.timestamp_us.back());
  }
  if (!choice_.series) return;
  for (const auto& [device, newest_us] : reached) detectors_.notice_silence(device, newest_us);
  for (const auto& [metric, block] : stored.waveforms) detectors_.observe(metric, block);
}

void TenantAnalyst::observe(const SamplesStored& stored) {
  detect(stored);
  for (const auto& [metric, samples] : stored.scalars) {
    for (LifeWatch& life : lives_) life.observe(metric, samples);
    if (samples.size() > 0) limits_.observe(metric, samples.timestamp_us.back());
  }
  for (const auto& [metric, block] : stored.waveforms) {
    limits_.observe(metric, block.start_us);
    for (FaultWatch& fault : faults_) {
      auto verdict = fault.observe(metric, block);
      if (!verdict) {
        refused(fault.model().label(), verdict.error());
      } else if (*verdict) {
        store(**verdict);
      }
    }
  }
  for (LifeWatch& life : lives_) {
    for (const auto& verdict : life.judge()) {
      if (verdict) {
        store(*verdict);
      } else {
        refused(life.model().label(), verdict.error());
      }
    }
  }
}

bool TenantAnalyst::read_a_past() {
  if (const auto foretold = limits_.judge_one()) {
    store(*foretold);
    return true;
  }
  return relations_.read_a_past() || courses_.read_a_past();
}

void TenantAnalyst::forget(const DeviceId& device) {
  detectors_.forget(device);
  relations_.forget(device);
  courses_.forget(device);
  for (FaultWatch& fault : faults_) fault.forget(device);
  for (LifeWatch& life : lives_) life.forget(device);
  limits_.forget(device);
}

void TenantAnalyst::store(const Prediction& prediction) {
  const auto stored = store_->catalog().put_prediction(prediction);
  if (!stored) {
    log::warning("a prediction cannot be stored", {{"tenant", store_->tenant().str()},
                                                   {"model", prediction.model},
                                                   {"reason", stored.error().message},
                                                   {"detail", stored.error().detail}});
    return;
  }
  ++predictions_;
  bus_.publish(PredictionMade{store_->tenant(), prediction});
}

void TenantAnalyst::refused(const ModelLabel& model, const Error& error) {
  const auto now = clock_.steady_now();
  const auto last = complained_.find(model.name);
  if (last != complained_.end() && now - last->second < kBetweenComplaints) return;
  complained_[model.name] = now;
  log::warning("a model refused its input", {{"tenant", store_->tenant().str()},
                                             {"model", model.name},
                                             {"version", model.version},
                                             {"reason", error.message}});
}

}  // namespace millwright
