#include "storage/postgres/catalog_rows.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace millwright::pg {
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

Result<Device> device_of(const postgres::Rows& rows, std::size_t row) {
  MW_ASSIGN(DeviceId id, stored_device(rows.text(row, 0)));
  std::optional<Timestamp> latest_activity;
  if (const auto us = rows.optional_integer(row, 8)) latest_activity = from_us(*us);
  return Device{std::move(id),
                rows.text(row, 1),
                rows.text(row, 2),
                rows.optional_real(row, 3),
                rows.optional_real(row, 4),
                rows.text(row, 5),
                rows.text(row, 6),
                static_cast<DeviceStatus>(rows.integer(row, 7)),
                latest_activity,
                from_us(rows.integer(row, 9))};
}

Result<Metric> metric_of(const postgres::Rows& rows, std::size_t row) {
  MW_ASSIGN(DeviceId device, stored_device(rows.text(row, 1)));
  MW_ASSIGN(Path path, stored_path(rows.text(row, 2)));
  MW_ASSIGN(MetricId metric, stored_metric(rows.text(row, 3)));
  return Metric{SeriesId{rows.integer(row, 0)},
                {std::move(device), std::move(path), std::move(metric)},
                rows.text(row, 4),
                rows.text(row, 5),
                static_cast<MetricType>(rows.integer(row, 6))};
}

Error unknown_device(const DeviceId& id) {
  return not_found("device " + quote(id.str()) + " does not exist; register it first");
}

Error unknown_series(SeriesId series) {
  return not_found("series " + std::to_string(number(series)) +
                   " does not exist; its device may have been removed");
}

Result<> require_device(postgres::Connection& connection, const DeviceId& id) {
  MW_ASSIGN(const std::optional<std::int64_t> found,
            connection.integer("SELECT 1 FROM devices WHERE device = $1", id.str()));
  if (!found) return unknown_device(id);
  return {};
}

std::int64_t clamp(std::size_t limit) {
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

std::optional<std::int64_t> optional_us(const std::optional<Timestamp>& t) {
  if (!t) return std::nullopt;
  return millwright::to_us(*t);
}

}  // namespace millwright::pg
