#include "analytics/statements.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace millwright {

Result<DeviceView> open_to_state(TenantDirectory& directory, const Principal& principal,
                                 const nlohmann::json& input, std::string_view what) {
  MW_ASSIGN(DeviceView view, open_device(directory, principal, text_of(input, "tenantIdentifier"),
                                         text_of(input, "deviceIdentifier")));
  MW_TRY(require_technician(principal, what));
  return view;
}

Result<> require_place(const DeviceView& view, const Path& path,
                       const std::optional<MetricId>& metric) {
  MW_ASSIGN(const auto metrics, view.store->catalog().metrics(view.device.id, path));
  const std::string device = "device " + quote(view.device.id.str());
  if (metrics.empty() && !path.str().empty()) {
    return not_found(device + " has no path " + quote(path.str()) +
                     "; the query `metrics` lists what it has");
  }
  const auto is_meant = [&](const Metric& each) {
    return each.key.path == path && each.key.metric == *metric;
  };
  if (metric && std::none_of(metrics.begin(), metrics.end(), is_meant)) {
    return not_found(device + " has no metric " + quote(metric->str()) + " at path " +
                     quote(path.str()) + "; the query `metrics` lists what it has");
  }
  return {};
}

std::string outer_id(const TenantId& tenant, std::int64_t number) {
  return tenant.str() + ":" + std::to_string(number);
}

Result<StatementPlace> open_statement(TenantDirectory& directory, const Principal& principal,
                                      std::string_view id, std::string_view query,
                                      std::string_view what) {
  const std::size_t colon = id.rfind(':');
  std::int64_t number = 0;
  if (colon != std::string_view::npos) {
    const char* const end = id.data() + id.size();
    const auto read = std::from_chars(id.data() + colon + 1, end, number);
    if (read.ec != std::errc{} || read.ptr != end) number = 0;
  }
  if (number <= 0) {
    return invalid_argument("id " + quote(id) + " is not one of the query `" + std::string(query) +
                            "`; take it from there");
  }
  MW_ASSIGN(TenantHandle store, open_tenant(directory, principal, id.substr(0, colon)));
  MW_TRY(require_technician(principal, what));
  return StatementPlace{std::move(store), number};
}

}  // namespace millwright
