#pragma once
/// The relational half of a tenant in memory, for tests.
///
/// Threads: any; one mutex.

#include <map>
#include <mutex>
#include <tuple>

#include "storage/tenant_catalog.h"

namespace millwright {

class MemoryTenantCatalog final : public TenantCatalog {
 public:
  Result<> add_device(const Device& device) override;
  Result<> update_device(const Device& device) override;
  Result<std::vector<SeriesId>> remove_device(const DeviceId& id) override;
  Result<Device> device(const DeviceId& id) override;
  Result<std::vector<Device>> devices() override;
  Result<DeviceStatus> set_status(const DeviceId& id, DeviceStatus status, Timestamp at,
                                  bool alive) override;
  Result<> record_activity(const DeviceId& id, Timestamp at) override;

  Result<Metric> resolve_metric(const MetricKey& key, std::string_view unit,
                                std::string_view display_name, MetricType type) override;
  Result<std::vector<Metric>> metrics(const DeviceId& device, const Path& path) override;
  Result<Metric> metric(SeriesId series) override;

  Result<std::int64_t> append_event(const Event& event) override;
  Result<std::vector<Event>> events(const DeviceId& device, TimeRange range,
                                    std::size_t limit) override;
  Result<std::int64_t> put_anomaly(const Anomaly& anomaly) override;
  Result<std::vector<Anomaly>> anomalies(const DeviceId& device, const Path& path, TimeRange range,
                                         std::size_t limit) override;

  Result<> put_prediction(const Prediction& prediction) override;
  Result<std::vector<Prediction>> predictions(const DeviceId& device, const Path& path) override;
  Result<> remove_prediction(const DeviceId& device, const Path& path, PredictionKind kind,
                             std::string_view model) override;
  Result<std::vector<Prediction>> prediction_history(const DeviceId& device, const Path& path,
                                                     PredictionKind kind, TimeRange range,
                                                     std::size_t limit) override;

  Result<std::int64_t> create_label(const Label& label) override;
  Result<std::vector<Label>> labels(const DeviceId& device, const Path& path, TimeRange range,
                                    std::string_view class_name, std::size_t limit) override;
  Result<> delete_label(std::int64_t id) override;

  Result<std::int64_t> create_degradation_limit(const DegradationLimit& limit) override;
  Result<std::vector<DegradationLimit>> degradation_limits() override;
  Result<DegradationLimit> delete_degradation_limit(std::int64_t id) override;

  Result<> put_retention_rule(const RetentionRule& rule) override;
  Result<> remove_retention_rule(const RetentionScope& scope) override;
  Result<std::vector<RetentionRule>> retention_rules() override;

  Result<> put_state(std::string_view key, std::string_view bytes) override;
  Result<std::optional<std::string>> state(std::string_view key) override;

 private:
  using PredictionKey = std::tuple<DeviceId, Path, PredictionKind, std::string>;
  using LimitKey = std::pair<MetricKey, LimitSide>;

  Result<Device*> find(const DeviceId& id);

  std::mutex mutex_;  // guards everything below
  std::map<DeviceId, Device> devices_;
  std::map<MetricKey, Metric> metrics_;
  std::map<std::int64_t, Event> events_;
  std::map<std::int64_t, Anomaly> anomalies_;
  std::map<PredictionKey, Prediction> predictions_;
  std::map<PredictionKey, std::map<std::int64_t, Prediction>> history_;  // by hour
  std::map<std::int64_t, Label> labels_;
  std::map<LimitKey, DegradationLimit> limits_;
  std::map<RetentionScope, std::chrono::hours> retention_;
  std::map<std::string, std::string, std::less<>> states_;
  std::int64_t last_series_ = 0;
  std::int64_t last_event_ = 0;
  std::int64_t last_anomaly_ = 0;
  std::int64_t last_label_ = 0;
  std::int64_t last_limit_ = 0;
};

}  // namespace millwright
