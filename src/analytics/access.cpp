#include "analytics/access.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace millwright {
namespace {

Error no_such_device(const DeviceId& device, const TenantId& tenant) {
  return not_found("device " + quote(device.str()) + " is not known in tenant " +
                   quote(tenant.str()) + "; the query `devices` lists those that are");
}

Error no_such_metric(const std::string& name, const DeviceView& view, const Path& path) {
  const std::string place = path.str().empty() ? "" : " below path " + quote(path.str());
  return not_found("device " + quote(view.device.id.str()) + " has no metric " + quote(name) +
                   place + "; the query `metrics` lists those that it has");
}

Result<std::set<std::string>> metric_names(const nlohmann::json& arguments, std::size_t limit) {
  std::set<std::string> names;
  const auto list = arguments.find("metricIdentifier");
  if (list == arguments.end() || list->is_null()) return names;
  if (list->size() > limit) {
    return invalid_argument("metricIdentifier has " + std::to_string(list->size()) +
                            " entries; at most " + std::to_string(limit) + " are taken at once");
  }
  for (const auto& entry : *list) {
    MW_ASSIGN(const MetricId id, MetricId::parse(entry.get_ref<const std::string&>()));
    names.insert(id.str());
  }
  return names;
}

}  // namespace

/// Whoever stands at the machine knows best what was wrong with it.
Result<> require_technician(const Principal& principal, std::string_view what) {
  if (principal.may_manage_devices() || principal.role == Role::kTechnician) return {};
  return permission_denied("role '" + std::string(to_string(principal.role)) + "' may not " +
                           std::string(what) + "; log in as a technician or engineer");
}

bool is_numeric(const Metric& metric) {
  return metric.type == MetricType::kNumericScalar || metric.type == MetricType::kWaveform;
}

Result<TenantHandle> open_tenant(TenantDirectory& directory, const Principal& principal,
                                 std::string_view tenant) {
  MW_ASSIGN(const TenantId id, TenantId::parse(tenant));
  return directory.open(principal, id);
}

bool may_see(const Principal& principal, const DeviceId& device) {
  if (principal.role != Role::kDevice || principal.legacy) return true;
  return principal.device && *principal.device == device;
}

Result<DeviceView> open_device(TenantDirectory& directory, const Principal& principal,
                               std::string_view tenant, std::string_view device) {
  MW_ASSIGN(TenantHandle store, open_tenant(directory, principal, tenant));
  MW_ASSIGN(const DeviceId id, DeviceId::parse(device));
  if (!may_see(principal, id)) return no_such_device(id, store->tenant());
  auto found = store->catalog().device(id);
  if (!found) {
    if (found.error().code == ErrorCode::kNotFound) return no_such_device(id, store->tenant());
    return std::move(found).error();
  }
  MW_ASSIGN(TimeZone zone, TimeZone::load(found->timezone));
  return DeviceView{std::move(store), std::move(found).value(), std::move(zone)};
}

Result<Path> path_argument(const nlohmann::json& arguments) {
  return Path::parse(text_of(arguments, "path"));
}

Result<std::vector<Metric>> numeric_metrics(const DeviceView& view, const nlohmann::json& arguments,
                                            std::size_t limit) {
  MW_ASSIGN(const Path path, path_argument(arguments));
  MW_ASSIGN(const auto names, metric_names(arguments, limit));
  MW_ASSIGN(auto metrics, view.store->catalog().metrics(view.device.id, path));
  if (names.empty()) {
    std::erase_if(metrics, [](const Metric& metric) { return !is_numeric(metric); });
    return metrics;
  }
  std::erase_if(metrics,
                [&](const Metric& metric) { return !names.contains(metric.key.metric.str()); });
  for (const auto& name : names) {
    const auto named = [&](const Metric& metric) { return metric.key.metric.str() == name; };
    const auto found = std::find_if(metrics.begin(), metrics.end(), named);
    if (found == metrics.end()) return no_such_metric(name, view, path);
    if (!is_numeric(*found)) {
      return invalid_argument("metric " + quote(name) + " is of type " +
                              std::string(to_string(found->type)) +
                              " and has no numeric values; leave it out");
    }
  }
  return metrics;
}

std::string_view text_of(const nlohmann::json& object, std::string_view name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return {};
  return member->get_ref<const std::string&>();
}

}  // namespace millwright
