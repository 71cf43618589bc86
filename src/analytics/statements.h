#pragma once
/// What the fields share by which people state something about a device, labels and limits:
/// of which place, and the id under which it is taken back.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analytics/access.h"

namespace millwright {

/// Nothing is stated about a place or metric that the device does not have: it would be a slip of
/// the pen, and nobody would ever meet it. Errors: kNotFound.
Result<> require_place(const DeviceView& view, const Path& path,
                       const std::optional<MetricId>& metric);

/// An id outside its tenant: `100000:17`. It names the tenant, so that an operator, who belongs to
/// none, can delete by it.
struct StatementId {
  std::string_view tenant;  ///< as written; points into what was parsed
  std::int64_t number = 0;
};
std::string outer_id(const TenantId& tenant, std::int64_t number);
/// `query` lists where such ids come from. Errors: kInvalidArgument.
Result<StatementId> parse_outer_id(std::string_view text, std::string_view query);

}  // namespace millwright
