#include "storage/memory/memory_tenant_catalog.h"

#include <algorithm>

#include "base/text.h"

namespace millwright {
namespace {

Error unknown_device(const DeviceId& id) {
  return not_found("device " + quote(id.str()) + " does not exist; register it first");
}

Error unknown_series(SeriesId series) {
  return not_found("series " + std::to_string(static_cast<std::int64_t>(series)) +
                   " does not exist; its device may have been removed");
}

Error no_such_label(std::int64_t id) {
  return not_found("label " + std::to_string(id) +
                   " does not exist; list the labels to see which do");
}

Error no_such_rule() {
  return not_found("there is no retention rule of this scope; list the rules to see which exist");
}

bool contains(TimeRange range, Timestamp t) {
  return range.start_us <= to_us(t) && to_us(t) < range.end_us;
}

/// Of an anomaly or a label.
template <typename Span>
bool overlaps(TimeRange range, const Span& span) {
  return to_us(span.start) < range.end_us && (!span.end || to_us(*span.end) >= range.start_us);
}

template <typename Span>
bool is_newer(const Span& a, const Span& b) {
  return std::tie(a.start, a.id) > std::tie(b.start, b.id);
}

std::int64_t hour_of(Timestamp t) {
  return std::chrono::floor<std::chrono::hours>(t).time_since_epoch().count();
}

void move_forward(std::optional<Timestamp>& latest, Timestamp at) {
  if (!latest || *latest < at) latest = at;
}

template <typename T>
void keep_first(std::vector<T>& items, std::size_t limit) {
  if (items.size() > limit) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(limit), items.end());
  }
}

}  // namespace

Result<Device*> MemoryTenantCatalog::find(const DeviceId& id) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return unknown_device(id);
  return &found->second;
}

// Devices -----------------------------------------------------------------------------------------

Result<> MemoryTenantCatalog::add_device(const Device& device) {
  const std::lock_guard lock(mutex_);
  if (!devices_.emplace(device.id, device).second) {
    return already_exists("device " + quote(device.id.str()) + " is registered already");
  }
  return {};
}

Result<> MemoryTenantCatalog::update_device(const Device& device) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Device * stored, find(device.id));
  stored->description = device.description;
  stored->timezone = device.timezone;
  stored->longitude_deg = device.longitude_deg;
  stored->latitude_deg = device.latitude_deg;
  stored->city = device.city;
  stored->country = device.country;
  return {};
}

Result<std::vector<SeriesId>> MemoryTenantCatalog::remove_device(const DeviceId& id) {
  const std::lock_guard lock(mutex_);
  MW_TRY(find(id));
  std::vector<SeriesId> removed;
  for (const auto& [key, metric] : metrics_) {
    if (key.device == id) removed.push_back(metric.series);
  }
  std::erase_if(metrics_, [&](const auto& e) { return e.first.device == id; });
  std::erase_if(events_, [&](const auto& e) { return e.second.device == id; });
  std::erase_if(anomalies_, [&](const auto& e) { return e.second.key.device == id; });
  std::erase_if(predictions_, [&](const auto& e) { return e.second.device == id; });
  std::erase_if(history_, [&](const auto& e) { return std::get<DeviceId>(e.first) == id; });
  std::erase_if(labels_, [&](const auto& e) { return e.second.device == id; });
  std::erase_if(limits_, [&](const auto& e) { return e.first.first.device == id; });
  std::erase_if(retention_, [&](const auto& e) { return e.first.device == id; });
  devices_.erase(id);
  return removed;
}

Result<Device> MemoryTenantCatalog::device(const DeviceId& id) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const Device* stored, find(id));
  return *stored;
}

Result<std::vector<Device>> MemoryTenantCatalog::devices() {
  const std::lock_guard lock(mutex_);
  std::vector<Device> out;
  for (const auto& entry : devices_) out.push_back(entry.second);
  return out;
}

Result<DeviceStatus> MemoryTenantCatalog::set_status(const DeviceId& id, DeviceStatus status,
                                                     Timestamp at, bool alive) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Device * stored, find(id));
  if (alive) move_forward(stored->latest_activity, at);
  return std::exchange(stored->status, status);
}

Result<> MemoryTenantCatalog::record_activity(const DeviceId& id, Timestamp at) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Device * stored, find(id));
  move_forward(stored->latest_activity, at);
  return {};
}

// Metrics -----------------------------------------------------------------------------------------

Result<Metric> MemoryTenantCatalog::resolve_metric(const MetricKey& key, std::string_view unit,
                                                   std::string_view display_name, MetricType type) {
  const std::lock_guard lock(mutex_);
  MW_TRY(find(key.device));
  const auto found = metrics_.find(key);
  if (found == metrics_.end()) {
    const Metric created{SeriesId{++last_series_}, key, std::string(unit),
                         std::string(display_name), type};
    return metrics_.emplace(key, created).first->second;
  }
  Metric& stored = found->second;
  if (stored.type != type) {
    return failed_precondition("metric " + quote(key.metric.str()) + " at path " +
                               quote(key.path.str()) + " has type " +
                               std::string(to_string(stored.type)) + ", not " +
                               std::string(to_string(type)) + "; use another metric identifier");
  }
  if (!unit.empty()) stored.unit = unit;
  if (!display_name.empty()) stored.display_name = display_name;
  return stored;
}

Result<std::vector<Metric>> MemoryTenantCatalog::metrics(const DeviceId& device, const Path& path) {
  const std::lock_guard lock(mutex_);
  std::vector<Metric> out;
  for (const auto& [key, metric] : metrics_) {
    if (key.device == device && is_within(key.path, path)) out.push_back(metric);
  }
  return out;
}

Result<Metric> MemoryTenantCatalog::metric(SeriesId series) {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : metrics_) {
    if (entry.second.series == series) return entry.second;
  }
  return unknown_series(series);
}

// Events, anomalies ------------------------------------------------------------------------------

Result<std::int64_t> MemoryTenantCatalog::append_event(const Event& event) {
  const std::lock_guard lock(mutex_);
  MW_TRY(find(event.device));
  Event stored = event;
  stored.id = ++last_event_;
  events_.emplace(stored.id, stored);
  return stored.id;
}

Result<std::vector<Event>> MemoryTenantCatalog::events(const DeviceId& device, TimeRange range,
                                                       std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Event> out;
  for (const auto& [id, event] : events_) {
    if (event.device == device && contains(range, event.at)) out.push_back(event);
  }
  std::sort(out.begin(), out.end(), [](const Event& a, const Event& b) {
    return std::tie(a.at, a.id) > std::tie(b.at, b.id);
  });
  keep_first(out, limit);
  return out;
}

Result<std::int64_t> MemoryTenantCatalog::put_anomaly(const Anomaly& anomaly) {
  const std::lock_guard lock(mutex_);
  Anomaly stored = anomaly;
  const auto owner = std::find_if(metrics_.begin(), metrics_.end(), [&](const auto& entry) {
    return entry.second.series == anomaly.series;
  });
  if (owner == metrics_.end()) return unknown_series(anomaly.series);
  stored.key = owner->first;
  if (stored.id == 0) {
    stored.id = ++last_anomaly_;
  } else if (!anomalies_.contains(stored.id)) {
    return not_found("anomaly " + std::to_string(stored.id) +
                     " does not exist; store it with id 0");
  }
  anomalies_.insert_or_assign(stored.id, stored);
  return stored.id;
}

Result<std::vector<Anomaly>> MemoryTenantCatalog::anomalies(const DeviceId& device,
                                                            const Path& path, TimeRange range,
                                                            std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Anomaly> out;
  for (const auto& [id, anomaly] : anomalies_) {
    if (anomaly.key.device == device && is_within(anomaly.key.path, path) &&
        overlaps(range, anomaly)) {
      out.push_back(anomaly);
    }
  }
  std::sort(out.begin(), out.end(), is_newer<Anomaly>);
  keep_first(out, limit);
  return out;
}

// Predictions -------------------------------------------------------------------------------------

Result<> MemoryTenantCatalog::put_prediction(const Prediction& prediction) {
  const std::lock_guard lock(mutex_);
  MW_TRY(find(prediction.device));
  const PredictionKey key{prediction.device, prediction.path, prediction.kind, prediction.model};
  predictions_.insert_or_assign(key, prediction);
  auto& kept = history_[key];
  if (kept.emplace(hour_of(prediction.at), prediction).second) {
    std::erase_if(kept, [&](const auto& entry) {
      return entry.second.at < prediction.at - kPredictionHistory;
    });
  }
  return {};
}

Result<std::vector<Prediction>> MemoryTenantCatalog::predictions(const DeviceId& device,
                                                                 const Path& path) {
  const std::lock_guard lock(mutex_);
  std::vector<Prediction> out;
  for (const auto& entry : predictions_) {
    const Prediction& prediction = entry.second;
    if (prediction.device == device && is_within(prediction.path, path)) out.push_back(prediction);
  }
  return out;
}

Result<> MemoryTenantCatalog::remove_prediction(const DeviceId& device, const Path& path,
                                                PredictionKind kind, std::string_view model) {
  const std::lock_guard lock(mutex_);
  predictions_.erase({device, path, kind, std::string(model)});
  return {};
}

Result<std::vector<Prediction>> MemoryTenantCatalog::prediction_history(const DeviceId& device,
                                                                        const Path& path,
                                                                        PredictionKind kind,
                                                                        TimeRange range,
                                                                        std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Prediction> out;
  for (const auto& [key, kept] : history_) {
    for (const auto& [hour, prediction] : kept) {
      if (prediction.device == device && is_within(prediction.path, path) &&
          prediction.kind == kind && contains(range, prediction.at)) {
        out.push_back(prediction);
      }
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Prediction& a, const Prediction& b) { return a.at > b.at; });
  keep_first(out, limit);
  return out;
}

// Labels ------------------------------------------------------------------------------------------

Result<std::int64_t> MemoryTenantCatalog::create_label(const Label& label) {
  MW_TRY(check_label(label));
  const std::lock_guard lock(mutex_);
  MW_TRY(find(label.device));
  Label stored = label;
  stored.id = ++last_label_;
  labels_.emplace(stored.id, stored);
  return stored.id;
}

Result<std::vector<Label>> MemoryTenantCatalog::labels(const DeviceId& device, const Path& path,
                                                       TimeRange range, std::string_view class_name,
                                                       std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Label> out;
  for (const auto& [id, label] : labels_) {
    if (label.device == device && is_within(label.path, path) && overlaps(range, label) &&
        (class_name.empty() || label.class_name == class_name)) {
      out.push_back(label);
    }
  }
  std::sort(out.begin(), out.end(), is_newer<Label>);
  keep_first(out, limit);
  return out;
}

Result<> MemoryTenantCatalog::delete_label(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  if (labels_.erase(id) == 0) return no_such_label(id);
  return {};
}

// Degradation limits ------------------------------------------------------------------------------

Result<std::int64_t> MemoryTenantCatalog::create_degradation_limit(const DegradationLimit& limit) {
  MW_TRY(check_degradation_limit(limit));
  const std::lock_guard lock(mutex_);
  MW_TRY(find(limit.key.device));
  const auto [place, is_new] = limits_.emplace(LimitKey{limit.key, limit.side}, limit);
  if (!is_new) return limit_exists(limit);
  place->second.id = ++last_limit_;
  return place->second.id;
}

Result<std::vector<DegradationLimit>> MemoryTenantCatalog::degradation_limits() {
  const std::lock_guard lock(mutex_);
  std::vector<DegradationLimit> out;
  for (const auto& entry : limits_) out.push_back(entry.second);
  return out;
}

Result<DegradationLimit> MemoryTenantCatalog::delete_degradation_limit(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(limits_.begin(), limits_.end(),
                                  [id](const auto& entry) { return entry.second.id == id; });
  if (found == limits_.end()) return no_such_limit(id);
  DegradationLimit limit = found->second;
  limits_.erase(found);
  return limit;
}

// Retention ---------------------------------------------------------------------------------------

Result<> MemoryTenantCatalog::put_retention_rule(const RetentionRule& rule) {
  const std::lock_guard lock(mutex_);
  if (rule.scope.device) MW_TRY(find(*rule.scope.device));
  retention_.insert_or_assign(rule.scope, rule.keep);
  return {};
}

Result<> MemoryTenantCatalog::remove_retention_rule(const RetentionScope& scope) {
  const std::lock_guard lock(mutex_);
  if (retention_.erase(scope) == 0) return no_such_rule();
  return {};
}

Result<std::vector<RetentionRule>> MemoryTenantCatalog::retention_rules() {
  const std::lock_guard lock(mutex_);
  std::vector<RetentionRule> out;
  for (const auto& [scope, keep] : retention_) out.push_back({scope, keep});
  return out;
}

// State of services -------------------------------------------------------------------------------

Result<> MemoryTenantCatalog::put_state(std::string_view key, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  states_.insert_or_assign(std::string(key), std::string(bytes));
  return {};
}

Result<std::optional<std::string>> MemoryTenantCatalog::state(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(key);
  if (found == states_.end()) return std::optional<std::string>();
  return std::optional(found->second);
}

}  // namespace millwright
