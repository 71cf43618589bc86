#pragma once
/// A tenant's store as a watch on trial sees it: all that is stored can be read, nothing written.
///
/// What the watch finds goes into an AlarmLog. What live detectors have saved and found is hidden:
/// it knows how things went on.

#include "analyst/replay/alarm_log.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

class TrialCatalog final : public TenantCatalog {
 public:
  /// All outlive the catalog.
  TrialCatalog(TenantCatalog& stored, AlarmLog& log, const Clock& clock)
      : stored_(stored), log_(log), clock_(clock) {}

  Result<std::int64_t> put_anomaly(const Anomaly& anomaly) override {
    return log_.note(anomaly, clock_.now());
  }
  Result<> put_prediction(const Prediction& prediction) override {
    return log_.note(prediction, clock_.now());
  }
  Result<> remove_prediction(const DeviceId&, const Path&, PredictionKind,
                             std::string_view) override {
    return {};
  }

  Result<Device> device(const DeviceId& id) override { return stored_.device(id); }
  Result<std::vector<Device>> devices() override { return stored_.devices(); }
  Result<std::vector<Metric>> metrics(const DeviceId& device, const Path& path) override {
    return stored_.metrics(device, path);
  }
  Result<Metric> metric(SeriesId series) override { return stored_.metric(series); }
  Result<std::vector<Event>> events(const DeviceId& device, TimeRange range,
                                    std::size_t limit) override {
    return stored_.events(device, range, limit);
  }
  Result<std::vector<RetentionRule>> retention_rules() override {
    return stored_.retention_rules();
  }

  // Hidden: what is known of the period afterwards.
  Result<std::vector<Anomaly>> anomalies(const DeviceId&, const Path&, TimeRange,
                                         std::size_t) override {
    return std::vector<Anomaly>();
  }
  Result<std::vector<Prediction>> predictions(const DeviceId&, const Path&) override {
    return std::vector<Prediction>();
  }
  Result<std::vector<Prediction>> prediction_history(const DeviceId&, const Path&, PredictionKind,
                                                     TimeRange, std::size_t) override {
    return std::vector<Prediction>();
  }
  Result<std::vector<DegradationLimit>> degradation_limits() override {
    return std::vector<DegradationLimit>();
  }
  Result<std::vector<Label>> labels(const DeviceId&, const Path&, TimeRange, std::string_view,
                                    std::size_t) override {
    return std::vector<Label>();
  }
  Result<std::optional<std::string>> state(std::string_view) override {
    return std::optional<std::string>();
  }

  // Refused: kFailedPrecondition.
  Result<> add_device(const Device&) override { return refused(); }
  Result<> update_device(const Device&) override { return refused(); }
  Result<std::vector<SeriesId>> remove_device(const DeviceId&) override { return refused(); }
  Result<DeviceStatus> set_status(const DeviceId&, DeviceStatus, Timestamp, bool) override {
    return refused();
  }
  Result<> record_activity(const DeviceId&, Timestamp) override { return refused(); }
  Result<Metric> resolve_metric(const MetricKey&, std::string_view, std::string_view,
                                MetricType) override {
    return refused();
  }
  Result<std::int64_t> append_event(const Event&) override { return refused(); }
  Result<std::int64_t> create_label(const Label&) override { return refused(); }
  Result<> delete_label(std::int64_t) override { return refused(); }
  Result<std::int64_t> create_degradation_limit(const DegradationLimit&) override {
    return refused();
  }
  Result<DegradationLimit> delete_degradation_limit(std::int64_t) override { return refused(); }
  Result<> put_retention_rule(const RetentionRule&) override { return refused(); }
  Result<> remove_retention_rule(const RetentionScope&) override { return refused(); }
  Result<> put_state(std::string_view, std::string_view) override { return refused(); }

 private:
  static Error refused() { return failed_precondition("a back-test writes nothing"); }

  TenantCatalog& stored_;
  AlarmLog& log_;
  const Clock& clock_;
};

class TrialStore final : public TenantStore {
 public:
  /// All outlive the store.
  TrialStore(TenantStore& stored, AlarmLog& log, const Clock& clock)
      : stored_(stored), catalog_(stored.catalog(), log, clock) {}
  const TenantId& tenant() const override { return stored_.tenant(); }
  TenantCatalog& catalog() override { return catalog_; }
  SampleStore& samples() override { return stored_.samples(); }

 private:
  TenantStore& stored_;
  TrialCatalog catalog_;
};

/// Nobody hears what a trial says.
class SilentBus final : public Bus {
 public:
  void publish(Message) override {}
  std::unique_ptr<Subscription> subscribe(Handler) override { return nullptr; }
};

}  // namespace millwright
