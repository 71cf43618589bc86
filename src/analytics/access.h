#pragma once
/// From the texts of a request to what they name, through the principal's eyes only.

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "model/metric.h"
#include "model/timezone.h"
#include "storage/tenant_directory.h"

namespace millwright {

using TenantHandle = std::shared_ptr<TenantStore>;

/// A device that the principal may read, its store and its clock on the wall.
struct DeviceView {
  TenantHandle store;
  Device device;
  TimeZone zone;
};

/// Errors: kInvalidArgument for a malformed identifier, kNotFound for a tenant that is missing or
/// not the principal's own (the same words).
Result<TenantHandle> open_tenant(TenantDirectory& directory, const Principal& principal,
                                 std::string_view tenant);

/// Errors: as open_tenant; kNotFound for a device that is missing or that a device principal may
/// not see (the same words).
Result<DeviceView> open_device(TenantDirectory& directory, const Principal& principal,
                               std::string_view tenant, std::string_view device);

/// Whether the principal may see the device: a device sees itself alone.
bool may_see(const Principal& principal, const DeviceId& device);

/// Whether the principal may say and ask what was wrong with a machine: technicians, and those
/// who manage devices. Errors: kPermissionDenied, "role 'viewer' may not WHAT ...".
Result<> require_technician(const Principal& principal, std::string_view what);

/// Whether the metric has values that are numbers, one by one or in waveforms.
bool is_numeric(const Metric& metric);

/// A path argument: missing, null or empty means the whole device.
Result<Path> path_argument(const nlohmann::json& arguments);

/// The numeric metrics that a request means, by path and identifier: the named ones inside the
/// path, or all where `metricIdentifier` is missing, null or empty. Metrics of other types are left
/// out where nothing is named.
/// Errors: kNotFound for a name that the device does not have there, kInvalidArgument for one that
/// is malformed or has no numeric values, and for more than `limit` names.
Result<std::vector<Metric>> numeric_metrics(const DeviceView& view, const nlohmann::json& arguments,
                                            std::size_t limit);

/// A member that is a text; empty where it is missing or null.
std::string_view text_of(const nlohmann::json& object, std::string_view name);

}  // namespace millwright
