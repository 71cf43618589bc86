#pragma once
/// What the catalog's queries share: how rows become values, and the words of errors.

#include "model/device.h"
#include "model/event.h"
#include "model/metric.h"
#include "postgres/connection.h"

namespace millwright::pg {

/// Columns: device, description, timezone, longitude_deg, latitude_deg, city, country, status,
/// latest_activity_us, registered_us.
Result<Device> device_of(const postgres::Rows& rows, std::size_t row);
/// Columns: series, device, path, metric, unit, display_name, type.
Result<Metric> metric_of(const postgres::Rows& rows, std::size_t row);

/// Identifiers that we have stored ourselves. Errors: kDataLoss.
Result<DeviceId> stored_device(const std::string& text);
Result<Path> stored_path(const std::string& text);
Result<MetricId> stored_metric(const std::string& text);

Error unknown_device(const DeviceId& id);
Error unknown_series(SeriesId series);
/// Errors: kNotFound.
Result<> require_device(postgres::Connection& connection, const DeviceId& id);

inline std::int64_t number(SeriesId series) { return static_cast<std::int64_t>(series); }
/// LIMIT of a query.
std::int64_t clamp(std::size_t limit);
std::optional<std::int64_t> optional_us(const std::optional<Timestamp>& t);

}  // namespace millwright::pg
