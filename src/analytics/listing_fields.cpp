/// Devices, metrics, events and anomalies: rows of the catalog with local times.

#include "analytics/listing.h"

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
  ResolvedValue::List list;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    list.emplace_back(metric_object(metrics[i], latest[i], view.zone));
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
