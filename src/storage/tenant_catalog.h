#pragma once
/// The relational half of one tenant's store: devices, metrics, events, anomalies, predictions,
/// labels, degradation limits, retention rules.
///
/// Threads: every method may be called from any thread; each is atomic and durable on return.
/// Errors: kInternal with the technical reason in `detail` when the medium fails; others as stated.

#include <optional>
#include <string>
#include <vector>

#include "model/degradation_limit.h"
#include "model/device.h"
#include "model/event.h"
#include "model/label.h"
#include "model/metric.h"
#include "model/retention_rule.h"
#include "model/samples.h"

namespace millwright {

class TenantCatalog {
 public:
  virtual ~TenantCatalog() = default;

  // Devices -------------------------------------------------------------------------------------
  /// Stores a device that is not known yet. Errors: kAlreadyExists.
  virtual Result<> add_device(const Device& device) = 0;
  /// Replaces description, time zone and place; status and times stay. Errors: kNotFound.
  virtual Result<> update_device(const Device& device) = 0;
  /// Removes the device with its metrics, events, anomalies, predictions, labels, degradation
  /// limits and retention rules; answers the series whose samples are to be removed as well.
  /// Errors: kNotFound.
  virtual Result<std::vector<SeriesId>> remove_device(const DeviceId& id) = 0;
  /// Errors: kNotFound, in words that may be shown.
  virtual Result<Device> device(const DeviceId& id) = 0;
  /// Ordered by identifier.
  virtual Result<std::vector<Device>> devices() = 0;
  /// Sets the status, answers the one before; moves latest_activity forward where `alive`.
  virtual Result<DeviceStatus> set_status(const DeviceId& id, DeviceStatus status, Timestamp at,
                                          bool alive) = 0;
  /// Moves latest_activity forward; never back. Errors: kNotFound.
  virtual Result<> record_activity(const DeviceId& id, Timestamp at) = 0;

  // Metrics -------------------------------------------------------------------------------------
  /// The metric of that key, created where it is missing. A non-empty unit or display name replaces
  /// the stored one. Errors: kNotFound for an unknown device, kFailedPrecondition where the metric
  /// exists with another type.
  virtual Result<Metric> resolve_metric(const MetricKey& key, std::string_view unit,
                                        std::string_view display_name, MetricType type) = 0;
  /// Metrics of a device in the subtree of `path`, ordered by path and identifier.
  virtual Result<std::vector<Metric>> metrics(const DeviceId& device, const Path& path) = 0;
  /// Errors: kNotFound.
  virtual Result<Metric> metric(SeriesId series) = 0;

  // Events, anomalies ---------------------------------------------------------------------------
  /// Answers the event's id.
  virtual Result<std::int64_t> append_event(const Event& event) = 0;
  /// Newest first, at most `limit`.
  virtual Result<std::vector<Event>> events(const DeviceId& device, TimeRange range,
                                            std::size_t limit) = 0;
  /// Adds (id 0) or replaces an anomaly; answers its id.
  virtual Result<std::int64_t> put_anomaly(const Anomaly& anomaly) = 0;
  /// Those that overlap the range, newest start first, at most `limit`.
  virtual Result<std::vector<Anomaly>> anomalies(const DeviceId& device, const Path& path,
                                                 TimeRange range, std::size_t limit) = 0;

  // Predictions ---------------------------------------------------------------------------------
  /// Replaces the verdict of the same (device, path, kind, model). The first of each hour is kept
  /// in the history as well, which forgets what is older than kPredictionHistory before it.
  virtual Result<> put_prediction(const Prediction& prediction) = 0;
  virtual Result<std::vector<Prediction>> predictions(const DeviceId& device, const Path& path) = 0;
  /// Forgets the newest verdict, where there is one; its history stays.
  virtual Result<> remove_prediction(const DeviceId& device, const Path& path, PredictionKind kind,
                                     std::string_view model) = 0;
  /// The kept ones of a kind in the subtree of `path`, newest first, at most `limit`.
  virtual Result<std::vector<Prediction>> prediction_history(const DeviceId& device,
                                                             const Path& path, PredictionKind kind,
                                                             TimeRange range,
                                                             std::size_t limit) = 0;

  // Labels --------------------------------------------------------------------------------------
  /// Stores a new label, whatever its id says; answers the id that it gets. Ids are never given
  /// again. Errors: kInvalidArgument where check_label refuses it, kNotFound for an unknown device.
  virtual Result<std::int64_t> create_label(const Label& label) = 0;
  /// Those in the subtree of `path` that overlap the range, newest start first, at most `limit`;
  /// of one class, or of all where `class_name` is empty.
  virtual Result<std::vector<Label>> labels(const DeviceId& device, const Path& path,
                                            TimeRange range, std::string_view class_name,
                                            std::size_t limit) = 0;
  /// Errors: kNotFound.
  virtual Result<> delete_label(std::int64_t id) = 0;

  // Degradation limits --------------------------------------------------------------------------
  /// Stores a new limit, whatever its id says; answers the id that it gets. Ids are never given
  /// again. Errors: kInvalidArgument where check_degradation_limit refuses it, kNotFound for an
  /// unknown device, kAlreadyExists where the metric has a limit on that side.
  virtual Result<std::int64_t> create_degradation_limit(const DegradationLimit& limit) = 0;
  /// All of the tenant, ordered by device, path, metric and side.
  virtual Result<std::vector<DegradationLimit>> degradation_limits() = 0;
  /// Answers what it was. Errors: kNotFound.
  virtual Result<DegradationLimit> delete_degradation_limit(std::int64_t id) = 0;

  // Retention -----------------------------------------------------------------------------------
  /// Stores a rule; one of the same scope is replaced. Errors: kNotFound for an unknown device.
  virtual Result<> put_retention_rule(const RetentionRule& rule) = 0;
  /// Errors: kNotFound.
  virtual Result<> remove_retention_rule(const RetentionScope& scope) = 0;
  /// Ordered by scope.
  virtual Result<std::vector<RetentionRule>> retention_rules() = 0;

  // State of services ---------------------------------------------------------------------------
  /// Small state that a service keeps with the tenant, for example what a detector has learnt.
  virtual Result<> put_state(std::string_view key, std::string_view bytes) = 0;
  /// Missing when never stored.
  virtual Result<std::optional<std::string>> state(std::string_view key) = 0;
};

}  // namespace millwright
