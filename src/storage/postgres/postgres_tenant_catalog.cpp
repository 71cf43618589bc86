// Devices and metrics of PostgresTenantCatalog; what happens to them is in
// postgres_catalog_history.cpp.
#include "storage/postgres/postgres_tenant_catalog.h"

#include "base/text.h"
#include "storage/postgres/catalog_rows.h"

namespace millwright {

using pg::number;
using postgres::Connection;
using postgres::Pool;
using postgres::Rows;
using postgres::Transaction;

namespace {

constexpr const char* kFindMetric =
    "SELECT series, device, path_text, metric, unit, display_name, type FROM placed_metrics "
    "WHERE device = $1 AND path = $2::text::ltree AND metric = $3";

Result<std::optional<Metric>> find_metric(Connection& connection, const MetricKey& key) {
  MW_ASSIGN(const Rows rows,
            connection.query(kFindMetric, key.device.str(), key.path.str(), key.metric.str()));
  if (rows.empty()) return std::optional<Metric>();
  MW_ASSIGN(Metric metric, pg::metric_of(rows, 0));
  return std::optional(std::move(metric));
}

Result<> check_type(const Metric& stored, MetricType type) {
  if (stored.type == type) return {};
  return failed_precondition("metric " + quote(stored.key.metric.str()) + " at path " +
                             quote(stored.key.path.str()) + " has type " +
                             std::string(to_string(stored.type)) + ", not " +
                             std::string(to_string(type)) + "; use another metric identifier");
}

}  // namespace

// Devices -----------------------------------------------------------------------------------------

Result<> PostgresTenantCatalog::add_device(const Device& device) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(
      const std::int64_t added,
      lease->run("INSERT INTO devices VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                 "ON CONFLICT DO NOTHING",
                 device.id.str(), device.description, device.timezone, device.longitude_deg,
                 device.latitude_deg, device.city, device.country, static_cast<int>(device.status),
                 pg::optional_us(device.latest_activity), to_us(device.registered_at)));
  if (added == 0) {
    return already_exists("device " + quote(device.id.str()) + " is registered already");
  }
  return {};
}

Result<> PostgresTenantCatalog::update_device(const Device& device) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::int64_t changed,
            lease->run("UPDATE devices SET description = $1, timezone = $2, longitude_deg = $3, "
                       "latitude_deg = $4, city = $5, country = $6 WHERE device = $7",
                       device.description, device.timezone, device.longitude_deg,
                       device.latitude_deg, device.city, device.country, device.id.str()));
  if (changed == 0) return pg::unknown_device(device.id);
  return {};
}

Result<std::vector<SeriesId>> PostgresTenantCatalog::remove_device(const DeviceId& id) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction transaction, Transaction::begin(*lease));
  MW_TRY(pg::require_device(*lease, id));
  std::vector<SeriesId> removed;
  MW_ASSIGN(const Rows rows, lease->query("SELECT series FROM placed_metrics WHERE device = $1 "
                                          "ORDER BY series",
                                          id.str()));
  for (std::size_t i = 0; i < rows.size(); ++i) removed.push_back(SeriesId{rows.integer(i, 0)});
  MW_TRY(lease->run("DELETE FROM devices WHERE device = $1", id.str()));
  MW_TRY(transaction.commit());
  return removed;
}

Result<Device> PostgresTenantCatalog::device(const DeviceId& id) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT * FROM devices WHERE device = $1", id.str()));
  if (rows.empty()) return pg::unknown_device(id);
  return pg::device_of(rows, 0);
}

Result<std::vector<Device>> PostgresTenantCatalog::devices() {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT * FROM devices ORDER BY device"));
  std::vector<Device> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(Device device, pg::device_of(rows, i));
    out.push_back(std::move(device));
  }
  return out;
}

Result<DeviceStatus> PostgresTenantCatalog::set_status(const DeviceId& id, DeviceStatus status,
                                                       Timestamp at, bool alive) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction transaction, Transaction::begin(*lease));
  MW_ASSIGN(const std::optional<std::int64_t> before,
            lease->integer("SELECT status FROM devices WHERE device = $1 FOR UPDATE", id.str()));
  if (!before) return pg::unknown_device(id);
  MW_TRY(
      lease->run("UPDATE devices SET status = $1, latest_activity_us = CASE WHEN $3 "
                 "THEN greatest(latest_activity_us, $2) ELSE latest_activity_us END "
                 "WHERE device = $4",
                 static_cast<int>(status), to_us(at), alive, id.str()));
  MW_TRY(transaction.commit());
  return static_cast<DeviceStatus>(*before);
}

Result<> PostgresTenantCatalog::record_activity(const DeviceId& id, Timestamp at) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::int64_t changed,
            lease->run("UPDATE devices SET latest_activity_us = greatest(latest_activity_us, $1) "
                       "WHERE device = $2",
                       to_us(at), id.str()));
  if (changed == 0) return pg::unknown_device(id);
  return {};
}

// Metrics -----------------------------------------------------------------------------------------

Result<Metric> PostgresTenantCatalog::resolve_metric(const MetricKey& key, std::string_view unit,
                                                     std::string_view display_name,
                                                     MetricType type) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(std::optional<Metric> stored, find_metric(*lease, key));
  if (stored) {
    MW_TRY(check_type(*stored, type));
    const bool same = (unit.empty() || unit == stored->unit) &&
                      (display_name.empty() || display_name == stored->display_name);
    if (same) return std::move(*stored);
  }
  return write_metric(*lease, key, unit, display_name, type);
}

Result<Metric> PostgresTenantCatalog::write_metric(Connection& connection, const MetricKey& key,
                                                   std::string_view unit,
                                                   std::string_view display_name, MetricType type) {
  MW_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // The device's row serialises those who make its metrics.
  MW_ASSIGN(const std::optional<std::int64_t> known,
            connection.integer("SELECT 1::bigint FROM devices WHERE device = $1 FOR UPDATE",
                               key.device.str()));
  if (!known) return pg::unknown_device(key.device);
  MW_ASSIGN(std::optional<Metric> stored, find_metric(connection, key));
  if (!stored) {
    MW_TRY(
        connection.run("INSERT INTO paths (device, path) VALUES ($1, $2::text::ltree) "
                       "ON CONFLICT DO NOTHING",
                       key.device.str(), key.path.str()));
    MW_ASSIGN(const std::optional<std::int64_t> series,
              connection.integer("INSERT INTO metrics (path_id, metric, unit, display_name, type) "
                                 "SELECT id, $3, $4, $5, $6 FROM paths "
                                 "WHERE device = $1 AND path = $2::text::ltree RETURNING series",
                                 key.device.str(), key.path.str(), key.metric.str(), unit,
                                 display_name, static_cast<int>(type)));
    stored = Metric{SeriesId{series.value_or(0)}, key, std::string(unit), std::string(display_name),
                    type};
  } else {
    MW_TRY(check_type(*stored, type));
    if (!unit.empty()) stored->unit = unit;
    if (!display_name.empty()) stored->display_name = display_name;
    MW_TRY(connection.run("UPDATE metrics SET unit = $1, display_name = $2 WHERE series = $3",
                          stored->unit, stored->display_name, number(stored->series)));
  }
  MW_TRY(transaction.commit());
  return std::move(*stored);
}

Result<std::vector<Metric>> PostgresTenantCatalog::metrics(const DeviceId& device,
                                                           const Path& path) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT series, device, path_text, metric, unit, display_name, type "
                         "FROM placed_metrics WHERE device = $1 AND path <@ $2::text::ltree "
                         "ORDER BY path_text, metric",
                         device.str(), path.str()));
  std::vector<Metric> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(Metric metric, pg::metric_of(rows, i));
    out.push_back(std::move(metric));
  }
  return out;
}

Result<Metric> PostgresTenantCatalog::metric(SeriesId series) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT series, device, path_text, metric, unit, display_name, type "
                         "FROM placed_metrics WHERE series = $1",
                         number(series)));
  if (rows.empty()) return pg::unknown_series(series);
  return pg::metric_of(rows, 0);
}

}  // namespace millwright
