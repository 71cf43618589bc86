#include "analytics/statements.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace millwright {

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

Result<StatementId> parse_outer_id(std::string_view text, std::string_view query) {
  const std::size_t colon = text.rfind(':');
  StatementId id;
  if (colon != std::string_view::npos) {
    id.tenant = text.substr(0, colon);
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, id.number);
    if (read.ec == std::errc{} && read.ptr == end && id.number > 0) return id;
  }
  return invalid_argument("id " + quote(text) + " is not one of the query `" + std::string(query) +
                          "`; take it from there");
}

}  // namespace millwright
