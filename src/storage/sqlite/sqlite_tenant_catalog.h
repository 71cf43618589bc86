#pragma once
/// The relational half of a tenant in one SQLite file: `catalog.db`.
///
/// Threads: any. Changes are serialised by a mutex and flushed before they answer; readers have
/// connections of their own.

#include <filesystem>
#include <mutex>

#include "storage/sqlite/connection.h"
#include "storage/sqlite/metric_lists.h"
#include "storage/tenant_catalog.h"

namespace millwright {

class SqliteTenantCatalog final : public TenantCatalog {
 public:
  /// Opens or creates the file and brings its tables up to date.
  static Result<std::unique_ptr<SqliteTenantCatalog>> open(const std::filesystem::path& file);

  Result<> add_device(const Device& device) override;
  Result<> update_device(const Device& device) override;
  Result<std::vector<SeriesId>> remove_device(const DeviceId& id) override;
  Result<Device> device(const DeviceId& id) override;
  Result<std::vector<Device>> devices() override;
  Result<DeviceStatus> set_status(const DeviceId& id, DeviceStatus status, Timestamp at,
                                  bool alive) override;
  Result<> record_activity(const DeviceId& id, Timestamp at) override;

  /// Answered by a reader where the metric is there and nothing changes.
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
  SqliteTenantCatalog(std::filesystem::path file, sqlite::Database database)
      : readers_(std::move(file)), connection_(std::move(database)) {}

  Result<Metric> write_metric(const MetricKey& key, std::string_view unit,
                              std::string_view display_name, MetricType type);
  Result<MetricLists::List> metrics_of(const DeviceId& device);
  /// Into the history; `writing_` is held.
  Result<> keep_prediction(const Prediction& prediction);

  ReaderPool readers_;
  MetricLists metric_lists_;
  std::mutex writing_;
  Connection connection_;  // guarded by writing_
};

}  // namespace millwright
