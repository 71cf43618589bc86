#include "storage/sqlite/catalog_rows.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace millwright::catalog {
namespace {

Error damaged(std::string_view what, const std::string& text) {
  return {ErrorCode::kDataLoss,
          "the catalog holds " + std::string(what) + " " + quote(text) +
              ", which is not valid; restore it from a backup",
          {}};
}

}  // namespace

Result<DeviceId> stored_device(const std::string& text) {
  auto parsed = DeviceId::parse(text);
  if (!parsed) return damaged("device", text);
  return parsed;
}
Result<Path> stored_path(const std::string& text) {
  auto parsed = Path::parse(text);
  if (!parsed) return damaged("path", text);
  return parsed;
}
Result<MetricId> stored_metric(const std::string& text) {
  auto parsed = MetricId::parse(text);
  if (!parsed) return damaged("metric", text);
  return parsed;
}

Result<Device> device_of(const sqlite::Statement& row) {
  MW_ASSIGN(DeviceId id, stored_device(row.text(0)));
  std::optional<Timestamp> latest_activity;
  if (const auto us = row.optional_integer(8)) latest_activity = from_us(*us);
  return Device{std::move(id),        row.text(1),
                row.text(2),          row.optional_real(3),
                row.optional_real(4), row.text(5),
                row.text(6),          static_cast<DeviceStatus>(row.integer(7)),
                latest_activity,      from_us(row.integer(9))};
}

Result<Metric> metric_of(const sqlite::Statement& row) {
  MW_ASSIGN(DeviceId device, stored_device(row.text(1)));
  MW_ASSIGN(Path path, stored_path(row.text(2)));
  MW_ASSIGN(MetricId metric, stored_metric(row.text(3)));
  return Metric{SeriesId{row.integer(0)},
                {std::move(device), std::move(path), std::move(metric)},
                row.text(4),
                row.text(5),
                static_cast<MetricType>(row.integer(6))};
}

Error unknown_device(const DeviceId& id) {
  return not_found("device " + quote(id.str()) + " does not exist; register it first");
}

Error unknown_series(SeriesId series) {
  return not_found("series " + std::to_string(number(series)) +
                   " does not exist; its device may have been removed");
}

Result<> require_device(Connection& connection, const DeviceId& id) {
  MW_ASSIGN(const std::optional<std::int64_t> found,
            connection.integer("SELECT 1 FROM devices WHERE device = ?", id.str()));
  if (!found) return unknown_device(id);
  return {};
}

std::int64_t clamp(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

std::optional<std::int64_t> to_us(const std::optional<Timestamp>& t) {
  if (!t) return std::nullopt;
  return millwright::to_us(*t);
}

}  // namespace millwright::catalog
