#pragma once
/// What the fields share by which people state something about a device, labels and limits:
/// of which place, and the id under which it is taken back.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analytics/access.h"

namespace millwright {

/// The device of a statement's input, for whoever may make it: technicians, who stand at the
/// machine and know best what is wrong with it, and those who manage devices. `what` completes
/// "may not ...". Errors: as open_device, kPermissionDenied.
Result<DeviceView> open_to_state(TenantDirectory& directory, const Principal& principal,
                                 const nlohmann::json& input, std::string_view what);

/// Nothing is stated about a place or metric that the device does not have: it would be a slip of
/// the pen, and nobody would ever meet it. Errors: kNotFound.
Result<> require_place(const DeviceView& view, const Path& path,
                       const std::optional<MetricId>& metric);

/// An id outside its tenant: `100000:17`. It names the tenant, so that an operator, who belongs to
/// none, can delete by it.
std::string outer_id(const TenantId& tenant, std::int64_t number);

struct StatementPlace {
  TenantHandle store;
  std::int64_t number = 0;
};
/// Where the statement of such an id is kept, for whoever may take it back; `query` lists them.
/// Errors: kInvalidArgument for what is no id, otherwise as open_tenant, kPermissionDenied.
Result<StatementPlace> open_statement(TenantDirectory& directory, const Principal& principal,
                                      std::string_view id, std::string_view query,
                                      std::string_view what);

}  // namespace millwright
