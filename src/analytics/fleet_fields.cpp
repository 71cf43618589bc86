/// `latest` and `countAbove`: questions about many devices, each asked of the store once.

#include <map>
#include <set>

#include "analytics/access.h"
#include "analytics/fields.h"
#include "analytics/time_bounds.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Object;
using graphql::ResolvedValue;

struct Fleet {
  TenantHandle store;
  std::vector<Device> devices;  ///< those that are meant and may be seen
  bool is_named = false;        ///< by the request, one by one
};

Result<Fleet> all_devices(const FieldContext& context, const Principal& principal,
                          std::string_view tenant) {
  Fleet fleet;
  MW_ASSIGN(fleet.store, open_tenant(*context.directory, principal, tenant));
  MW_ASSIGN(fleet.devices, fleet.store->catalog().devices());
  std::erase_if(fleet.devices,
                [&](const Device& device) { return !may_see(principal, device.id); });
  return fleet;
}

/// Errors: as open_device, for each device that is named.
Result<Fleet> fleet_of(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  const std::string_view tenant = text_of(call.arguments, "tenantIdentifier");
  const auto named = call.arguments.find("deviceIdentifiers");
  if (named == call.arguments.end() || named->is_null()) {
    return all_devices(context, principal, tenant);
  }
  if (named->size() > context.limits.devices) {
    return invalid_argument("deviceIdentifiers has " + std::to_string(named->size()) +
                            " entries; at most " + std::to_string(context.limits.devices) +
                            " are taken at once");
  }
  Fleet fleet;
  fleet.is_named = true;
  MW_ASSIGN(fleet.store, open_tenant(*context.directory, principal, tenant));
  std::set<std::string_view> seen;
  for (const auto& entry : *named) {
    const auto& identifier = entry.get_ref<const std::string&>();
    if (!seen.insert(identifier).second) continue;  // twice named is still one device
    MW_ASSIGN(DeviceView view, open_device(*context.directory, principal, tenant, identifier));
    fleet.devices.push_back(std::move(view.device));
  }
  return fleet;
}

/// The newest samples of `metrics`, taken from `latest` at the same places.
Object latest_object(const DeviceId& device, std::span<const Metric> metrics,
                     std::span<const std::optional<SampleStore::Latest>> latest) {
  graphql::TextColumn identifiers, paths;
  std::vector<std::int64_t> t;
  std::vector<double> values;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!latest[i]) continue;
    identifiers.push_back(metrics[i].key.metric.str());
    paths.push_back(metrics[i].key.path.str());
    t.push_back(latest[i]->timestamp_us);
    values.push_back(latest[i]->value);
  }
  Object object;
  object.set("deviceIdentifier", device.str());
  object.set("metricIdentifier", std::move(identifiers));
  object.set("path", std::move(paths));
  object.set("t", std::move(t));
  object.set("value", std::move(values));
  return object;
}

/// Series that are asked over the same instants: devices of one time zone.
using SeriesByRange = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<SeriesId>>;

/// A device that lacks a named metric is an error where the device is named too; in a whole fleet
/// only a name that no device has is one.
Result<SeriesByRange> counted_series(const Fleet& fleet, const FieldContext& context,
                                     const FieldCall& call) {
  SeriesByRange series;
  std::optional<Error> missing;
  for (const Device& device : fleet.devices) {
    MW_ASSIGN(TimeZone zone, TimeZone::load(device.timezone));
    const DeviceView view{fleet.store, device, std::move(zone)};
    MW_ASSIGN(const TimeRange range, parse_bounds(text_of(call.arguments, "start"),
                                                  text_of(call.arguments, "end"), view.zone));
    const auto metrics = numeric_metrics(view, call.arguments, context.limits.metrics);
    if (!metrics) {
      if (fleet.is_named || metrics.error().code != ErrorCode::kNotFound) return metrics.error();
      missing = metrics.error();
      continue;
    }
    auto& same = series[{range.start_us, range.end_us}];
    for (const Metric& metric : *metrics) same.push_back(metric.series);
  }
  if (series.empty() && missing) return *missing;
  return series;
}

}  // namespace

FieldResult resolve_latest(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const Fleet fleet, fleet_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  std::vector<Metric> metrics;
  std::vector<std::size_t> ends;  // of each device's metrics
  for (const Device& device : fleet.devices) {
    MW_ASSIGN(auto own, fleet.store->catalog().metrics(device.id, path));
    std::erase_if(own, [](const Metric& metric) { return !is_numeric(metric); });
    std::move(own.begin(), own.end(), std::back_inserter(metrics));
    ends.push_back(metrics.size());
  }
  MW_TRY(points_of(call).spend(metrics.size()));
  std::vector<SeriesId> series;
  series.reserve(metrics.size());
  for (const Metric& metric : metrics) series.push_back(metric.series);
  MW_ASSIGN(const auto latest, fleet.store->samples().latest(series));
  ResolvedValue::List list;
  for (std::size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++]) {
    const std::size_t count = ends[i] - begin;
    list.emplace_back(latest_object(fleet.devices[i].id, std::span(metrics).subspan(begin, count),
                                    std::span(latest).subspan(begin, count)));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_count_above(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const Fleet fleet, fleet_of(context, call));
  MW_ASSIGN(const SeriesByRange asked, counted_series(fleet, context, call));
  const auto threshold = call.arguments.at("threshold").get<double>();
  std::uint64_t count = 0;
  for (const auto& [range, series] : asked) {
    MW_ASSIGN(const std::uint64_t above,
              fleet.store->samples().count_above(series, {range.first, range.second}, threshold));
    count += above;
  }
  // A Float of GraphQL is exact up to 2^53, 285 years of a million samples a second.
  return ResolvedValue(static_cast<double>(count));
}

}  // namespace millwright
