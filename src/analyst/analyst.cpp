#include "analyst/analyst.h"

#include <map>
#include <thread>

#include "analyst/tenant_analyst.h"
#include "analyst/work_queue.h"
#include "base/log.h"

namespace millwright {
namespace {

constexpr std::chrono::milliseconds kLookAround{500};
constexpr std::chrono::milliseconds kReadingAtATime{100};
constexpr std::chrono::seconds kBetweenComplaints{60};

std::size_t samples_of(const Message& message) {
  const auto* stored = std::get_if<SamplesStored>(&message);
  if (!stored) return 0;
  std::size_t count = 0;
  for (const auto& scalars : stored->scalars) count += scalars.samples.size();
  for (const auto& waveform : stored->waveforms) count += waveform.block.value.size();
  return count;
}

}  // namespace

struct Analyst::Parts {
  Parts(TenantDirectory& tenant_directory, Bus& message_bus, ModelRegistry* registry,
        const Clock& service_clock, telemetry::Telemetry& telemetry, AnalystOptions service_options)
      : directory(tenant_directory),
        bus(message_bus),
        clock(service_clock),
        options(service_options),
        queue(service_options.queue_samples),
        judged(telemetry.counter("millwright_analyst_samples_total", "Samples judged.")),
        dropped(telemetry.counter("millwright_analyst_dropped_samples_total",
                                  "Samples not judged, because the analyst was behind.")),
        waiting(telemetry.gauge("millwright_analyst_waiting_samples",
                                "Samples that wait to be judged.")),
        anomaly_changes(telemetry.counter("millwright_analyst_anomaly_changes_total",
                                          "Anomalies opened, updated or closed.")),
        predictions(
            telemetry.counter("millwright_analyst_predictions_total", "Verdicts of models.")) {
    if (registry) models.emplace(*registry);
  }

  // On a publisher's thread.
  void receive(const std::shared_ptr<const Message>& message) {
    const bool is_samples = std::holds_alternative<SamplesStored>(*message);
    if (!is_samples && !std::holds_alternative<DeviceRemoved>(*message)) return;
    const std::size_t samples = samples_of(*message);
    if (queue.put({message, samples})) return;
    dropped.add(static_cast<double>(samples));
    dropped_since_complaint += samples;
  }

  // On the worker's thread, as everything below.
  void run() {
    refresh_models();
    last_saved = last_refreshed = last_complained = clock.steady_now();
    for (;;) {
      const auto item = queue.take(kLookAround);
      if (!item && queue.is_closed()) break;
      if (item) work(*item);
      look_around();
    }
    save();
  }

  void work(const WorkQueue::Item& item) {
    if (const auto* stored = std::get_if<SamplesStored>(item.message.get())) {
      if (TenantAnalyst* tenant = tenant_of(stored->tenant)) {
        const std::uint64_t anomalies_before = tenant->anomaly_changes();
        const std::uint64_t predictions_before = tenant->predictions();
        tenant->observe(*stored);
        observed[stored->tenant] = clock.steady_now();
        judged.add(static_cast<double>(item.samples));
        anomaly_changes.add(static_cast<double>(tenant->anomaly_changes() - anomalies_before));
        predictions.add(static_cast<double>(tenant->predictions() - predictions_before));
      }
    } else if (const auto* removed = std::get_if<DeviceRemoved>(item.message.get())) {
      if (TenantAnalyst* tenant = tenant_of(removed->tenant)) tenant->forget(removed->device);
    }
    waiting.set(static_cast<double>(queue.samples()));
  }

  TenantAnalyst* tenant_of(const TenantId& id) {
    const auto found = tenants.find(id);
    auto store = directory.open_for_service(id);
    const bool is_known = found != tenants.end();
    // A tenant that has moved is begun anew with what was saved.
    if (is_known && (!store || found->second->judges(**store))) return found->second.get();
    if (!store) {
      log::warning("the analyst cannot open a tenant",
                   {{"tenant", id.str()}, {"reason", store.error().message}});
      return nullptr;
    }
    auto tenant = std::make_unique<TenantAnalyst>(std::move(store).value(), bus, clock, budget);
    if (models) tenant->set_models(models->models());
    return tenants.insert_or_assign(id, std::move(tenant)).first->second.get();
  }

  void look_around() {
    read_pasts();
    const auto now = clock.steady_now();
    if (now - last_saved >= options.save_interval) {
      last_saved = now;
      save();
      release_idle();
    }
    if (now - last_refreshed >= options.refresh_interval) {
      last_refreshed = now;
      refresh_models();
    }
    if (now - last_complained >= kBetweenComplaints) {
      last_complained = now;
      complain();
    }
  }

  /// Between messages and for a short while: reading four weeks of a metric takes a while.
  void read_pasts() {
    const auto until = clock.steady_now() + kReadingAtATime;
    for (auto& [id, tenant] : tenants) {
      const std::uint64_t before = tenant->predictions();
      while (queue.samples() == 0 && tenant->read_a_past()) {
        if (clock.steady_now() >= until) break;
      }
      predictions.add(static_cast<double>(tenant->predictions() - before));
      if (clock.steady_now() >= until) return;
    }
  }

  /// What a tenant's detectors have learnt is in its store: they are read again when it wakes up.
  void release_idle() {
    const auto now = clock.steady_now();
    for (auto it = tenants.begin(); it != tenants.end();) {
      if (now - observed[it->first] < options.idle_after) {
        ++it;
        continue;
      }
      it->second->save();
      observed.erase(it->first);
      it = tenants.erase(it);
    }
  }

  void refresh_models() {
    if (models) {
      const auto changed = models->refresh();
      if (!changed) {
        log::warning("the model registry cannot be read",
                     {{"reason", changed.error().message}, {"detail", changed.error().detail}});
      } else if (*changed) {
        for (auto& [id, tenant] : tenants) tenant->set_models(models->models());
      }
    }
    report_models();
  }

  /// Once each time the answer changes.
  void report_models() {
    nlohmann::json running = nlohmann::json::array();
    if (models) {
      const LiveModels live = models->models();
      for (const auto& model : live.burst) {
        running.push_back(model->label().name + " " + model->label().version);
      }
      for (const auto& model : live.life) {
        running.push_back(model->label().name + " " + model->label().version);
      }
    }
    if (reported_models == running) return;
    if (running.empty()) {
      log::info(
          "the analyst runs detectors only: no model is live; train one with "
          "`millwright train`");
    } else {
      log::info("the analyst runs these models", {{"models", running}});
    }
    reported_models = std::move(running);
  }

  void complain() {
    const std::uint64_t samples = dropped_since_complaint.exchange(0);
    if (samples == 0) return;
    log::warning("the analyst is behind: samples were stored but not judged",
                 {{"samples", samples}, {"waiting", queue.samples()}});
  }

  void save() {
    for (auto& [id, tenant] : tenants) tenant->save();
  }

  TenantDirectory& directory;
  Bus& bus;
  const Clock& clock;
  AnalystOptions options;
  WorkQueue queue;
  telemetry::Counter& judged;
  telemetry::Counter& dropped;
  telemetry::Gauge& waiting;
  telemetry::Counter& anomaly_changes;
  telemetry::Counter& predictions;
  std::atomic<std::uint64_t> dropped_since_complaint{0};

  WatchBudget budget{options.courses};
  std::optional<RegistryLiveModels> models;
  nlohmann::json reported_models;  // null before the first report
  std::map<TenantId, std::unique_ptr<TenantAnalyst>> tenants;
  std::map<TenantId, std::chrono::steady_clock::time_point> observed;  // last, of each tenant
  std::chrono::steady_clock::time_point last_saved, last_refreshed, last_complained;

  std::unique_ptr<Subscription> subscription;
  std::thread worker;
};

Analyst::Analyst(TenantDirectory& directory, Bus& bus, ModelRegistry* registry, const Clock& clock,
                 telemetry::Telemetry& telemetry, AnalystOptions options)
    : parts_(std::make_unique<Parts>(directory, bus, registry, clock, telemetry, options)) {}

Analyst::~Analyst() { stop(); }

void Analyst::start() {
  if (parts_->worker.joinable()) return;
  parts_->worker = std::thread([parts = parts_.get()] { parts->run(); });
  parts_->subscription = parts_->bus.subscribe(
      [parts = parts_.get()](const std::shared_ptr<const Message>& m) { parts->receive(m); });
}

void Analyst::stop() {
  parts_->subscription.reset();
  parts_->queue.close();
  if (parts_->worker.joinable()) parts_->worker.join();
}

void Analyst::drain() { parts_->queue.wait_until_done(); }

}  // namespace millwright
