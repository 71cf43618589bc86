/// Devices, metrics, events and anomalies: rows of the catalog with local times.

#include <algorithm>
#include <map>

#include "analytics/listing.h"
#include "model/degradation_limit.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Object;
using graphql::ResolvedValue;

std::string_view status_name(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kOnline:
      return "ONLINE";
    case DeviceStatus::kOffline:
      return "OFFLINE";
    case DeviceStatus::kError:
      return "ERROR";
    case DeviceStatus::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

Result<Object> device_object(const Device& device) {
  Object object;
  object.set("deviceIdentifier", device.id.str());
  object.set("description", text_or_null(device.description));
  object.set("long", device.longitude_deg);
  object.set("lat", device.latitude_deg);
  object.set("country", text_or_null(device.country));
  object.set("city", text_or_null(device.city));
  object.set("timezone", device.timezone);
  object.set("status", status_name(device.status));
  if (device.latest_activity) {
    MW_ASSIGN(const TimeZone zone, TimeZone::load(device.timezone));
    set_times(object, "latestAlive", *device.latest_activity, zone);
  }
  return object;
}

/// What is foretold towards the limits of the metrics below a path: the state of each that has one.
Result<std::map<MetricKey, std::string_view>> limited_lives(const DeviceView& view,
                                                            const Path& path) {
  std::map<MetricKey, std::string_view> out;
  MW_ASSIGN(const auto limits, view.store->catalog().degradation_limits());
  const bool has_limits = std::any_of(limits.begin(), limits.end(), [&](const auto& limit) {
    return limit.key.device == view.device.id;
  });
  if (!has_limits) return out;
  MW_ASSIGN(const auto predictions, view.store->catalog().predictions(view.device.id, path));
  for (const DegradationLimit& limit : limits) {
    if (limit.key.device != view.device.id) continue;
    std::string_view state = "PENDING";  // the analyst has not come to it yet
    for (const Prediction& prediction : predictions) {
      if (prediction.path == limit.key.path && prediction.model == model_name(limit)) {
        state = life_state(prediction).value_or(state);
      }
    }
    // Of limits on both sides the one that has something to say counts.
    const auto [known, is_new] = out.emplace(limit.key, state);
    if (!is_new && known->second != "VALUE") known->second = state;
  }
  return out;
}

Object metric_object(const Metric& metric, const std::optional<SampleStore::Latest>& latest,
                     const TimeZone& zone) {
  Object object;
  object.set("deviceIdentifier", metric.key.device.str());
  object.set("metricIdentifier", metric.key.metric.str());
  object.set("path", metric.key.path.str());
  object.set("unit", metric.unit);
  object.set("displayName", metric.display_name);
  object.set("metricType", to_string(metric.type));
  if (latest) {
    if (latest->sample_rate_hz > 0) object.set("sampleRateHz", latest->sample_rate_hz);
    object.set("latestValue", latest->value);
    set_times(object, "latestTimestamp", from_us(latest->timestamp_us), zone);
  }
  return object;
}

Object anomaly_object(const Anomaly& anomaly, const TimeZone& zone) {
  Object object;
  object.set("id", std::to_string(anomaly.id));
  object.set("deviceIdentifier", anomaly.key.device.str());
  object.set("metricIdentifier", anomaly.key.metric.str());
  object.set("path", anomaly.key.path.str());
  object.set("kind", anomaly.kind);
  set_times(object, "start", anomaly.start, zone);
  if (anomaly.end) set_times(object, "end", *anomaly.end, zone);
  object.set("severity", anomaly.severity);
  object.set("reason", anomaly.reason);
  return object;
}

}  // namespace

FieldResult resolve_devices(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  MW_ASSIGN(const auto store, open_tenant(*context.directory, principal,
                                          text_of(call.arguments.at("body"), "tenantIdentifier")));
  MW_ASSIGN(const auto devices, store->catalog().devices());
  ResolvedValue::List list;
  for (const Device& device : devices) {
    if (!may_see(principal, device.id)) continue;
    MW_ASSIGN(Object object, device_object(device));
    list.emplace_back(std::move(object));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_metrics(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  MW_ASSIGN(const auto metrics, view.store->catalog().metrics(view.device.id, path));
  std::vector<SeriesId> series;
  for (const Metric& metric : metrics) series.push_back(metric.series);
  MW_ASSIGN(const auto latest, view.store->samples().latest(series));
  MW_ASSIGN(const auto lives, limited_lives(view, path));
  ResolvedValue::List list;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    Object object = metric_object(metrics[i], latest[i], view.zone);
    const auto life = lives.find(metrics[i].key);
    object.set("remainingLife", life == lives.end() ? "NOT_SET" : life->second);
    list.emplace_back(std::move(object));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_events(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const TimeRange range, range_of(view, call));
  MW_ASSIGN(const std::size_t limit, row_limit(context, call));
  MW_ASSIGN(const auto events, view.store->catalog().events(view.device.id, range, limit));
  ResolvedValue::List list;
  for (const Event& event : events) {
    Object object;
    object.set("id", std::to_string(event.id));
    object.set("deviceIdentifier", event.device.str());
    object.set("kind", event.kind);
    object.set("message", event.message);
    set_times(object, "timestamp", event.at, view.zone);
    list.emplace_back(std::move(object));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_anomalies(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  MW_ASSIGN(const TimeRange range, range_of(view, call));
  MW_ASSIGN(const std::size_t limit, row_limit(context, call));
  MW_ASSIGN(const auto anomalies,
            view.store->catalog().anomalies(view.device.id, path, range, limit));
  ResolvedValue::List list;
  for (const Anomaly& anomaly : anomalies) list.emplace_back(anomaly_object(anomaly, view.zone));
  return ResolvedValue(std::move(list));
}

}  // namespace millwright
