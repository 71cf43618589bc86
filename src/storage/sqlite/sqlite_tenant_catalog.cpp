// Devices and metrics of SqliteTenantCatalog; what happens to them is in
// sqlite_catalog_history.cpp.
#include "storage/sqlite/sqlite_tenant_catalog.h"

#include "base/text.h"
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/catalog_schema.h"

namespace millwright {

using catalog::number;

namespace {

constexpr const char* kFindMetric =
    "SELECT series, device, path, metric, unit, display_name, type FROM metrics "
    "WHERE device = ? AND path = ? AND metric = ?";

Result<std::optional<Metric>> find_metric(Connection& connection, const MetricKey& key) {
  MW_ASSIGN(Rows rows,
            connection.query(kFindMetric, key.device.str(), key.path.str(), key.metric.str()));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return std::optional<Metric>();
  MW_ASSIGN(Metric metric, catalog::metric_of(*rows));
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

Result<std::unique_ptr<SqliteTenantCatalog>> SqliteTenantCatalog::open(
    const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open(file));
  MW_TRY(database.execute("PRAGMA cache_size=-1024; PRAGMA journal_size_limit=16777216;"));
  MW_TRY(database.migrate(catalog_migrations()));
  return std::unique_ptr<SqliteTenantCatalog>(new SqliteTenantCatalog(file, std::move(database)));
}

// Devices -----------------------------------------------------------------------------------------

Result<> SqliteTenantCatalog::add_device(const Device& device) {
  const std::lock_guard lock(writing_);
  MW_TRY(connection_.run(
      "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      device.id.str(), device.description, device.timezone, device.longitude_deg,
      device.latitude_deg, device.city, device.country, static_cast<int>(device.status),
      catalog::to_us(device.latest_activity), to_us(device.registered_at)));
  if (connection_.database().changes() == 0) {
    return already_exists("device " + quote(device.id.str()) + " is registered already");
  }
  return {};
}

Result<> SqliteTenantCatalog::update_device(const Device& device) {
  const std::lock_guard lock(writing_);
  MW_TRY(connection_.run(
      "UPDATE devices SET description = ?, timezone = ?, longitude_deg = ?, latitude_deg = ?, "
      "city = ?, country = ? WHERE device = ?",
      device.description, device.timezone, device.longitude_deg, device.latitude_deg, device.city,
      device.country, device.id.str()));
  if (connection_.database().changes() == 0) return catalog::unknown_device(device.id);
  return {};
}

Result<std::vector<SeriesId>> SqliteTenantCatalog::remove_device(const DeviceId& id) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  MW_TRY(catalog::require_device(connection_, id));
  std::vector<SeriesId> removed;
  {
    MW_ASSIGN(Rows rows, connection_.query("SELECT series FROM metrics WHERE device = ? "
                                           "ORDER BY series",
                                           id.str()));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) break;
      removed.push_back(SeriesId{rows->integer(0)});
    }
  }
  MW_TRY(connection_.run("DELETE FROM devices WHERE device = ?", id.str()));
  const auto committed = transaction.commit();
  metric_lists_.forget(id);
  if (!committed) return committed.error();
  return removed;
}

Result<Device> SqliteTenantCatalog::device(const DeviceId& id) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT * FROM devices WHERE device = ?", id.str()));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return catalog::unknown_device(id);
  return catalog::device_of(*rows);
}

Result<std::vector<Device>> SqliteTenantCatalog::devices() {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT * FROM devices ORDER BY device"));
  std::vector<Device> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(Device device, catalog::device_of(*rows));
    out.push_back(std::move(device));
  }
}

Result<DeviceStatus> SqliteTenantCatalog::set_status(const DeviceId& id, DeviceStatus status,
                                                     Timestamp at, bool alive) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  MW_ASSIGN(const std::optional<std::int64_t> before,
            connection_.integer("SELECT status FROM devices WHERE device = ?", id.str()));
  if (!before) return catalog::unknown_device(id);
  MW_TRY(
      connection_.run("UPDATE devices SET status = ?1, latest_activity_us = CASE WHEN ?3 "
                      "THEN max(coalesce(latest_activity_us, ?2), ?2) ELSE latest_activity_us END "
                      "WHERE device = ?4",
                      static_cast<int>(status), to_us(at), alive ? 1 : 0, id.str()));
  MW_TRY(transaction.commit());
  return static_cast<DeviceStatus>(*before);
}

Result<> SqliteTenantCatalog::record_activity(const DeviceId& id, Timestamp at) {
  const std::lock_guard lock(writing_);
  MW_TRY(connection_.run(
      "UPDATE devices SET latest_activity_us = max(coalesce(latest_activity_us, ?1), ?1) "
      "WHERE device = ?2",
      to_us(at), id.str()));
  if (connection_.database().changes() == 0) return catalog::unknown_device(id);
  return {};
}

// Metrics -----------------------------------------------------------------------------------------

Result<Metric> SqliteTenantCatalog::resolve_metric(const MetricKey& key, std::string_view unit,
                                                   std::string_view display_name, MetricType type) {
  {
    MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
    MW_ASSIGN(std::optional<Metric> stored, find_metric(*reader, key));
    if (stored) {
      MW_TRY(check_type(*stored, type));
      const bool same = (unit.empty() || unit == stored->unit) &&
                        (display_name.empty() || display_name == stored->display_name);
      if (same) return std::move(*stored);
    }
  }
  return write_metric(key, unit, display_name, type);
}

Result<Metric> SqliteTenantCatalog::write_metric(const MetricKey& key, std::string_view unit,
                                                 std::string_view display_name, MetricType type) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  MW_TRY(catalog::require_device(connection_, key.device));
  MW_ASSIGN(std::optional<Metric> stored, find_metric(connection_, key));
  if (!stored) {
    MW_TRY(
        connection_.run("INSERT INTO metrics (device, path, metric, unit, display_name, type) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        key.device.str(), key.path.str(), key.metric.str(), unit, display_name,
                        static_cast<int>(type)));
    stored = Metric{SeriesId{connection_.database().last_insert_id()}, key, std::string(unit),
                    std::string(display_name), type};
  } else {
    MW_TRY(check_type(*stored, type));
    if (!unit.empty()) stored->unit = unit;
    if (!display_name.empty()) stored->display_name = display_name;
    MW_TRY(connection_.run("UPDATE metrics SET unit = ?, display_name = ? WHERE series = ?",
                           stored->unit, stored->display_name, number(stored->series)));
  }
  const auto committed = transaction.commit();
  metric_lists_.forget(key.device);
  if (!committed) return committed.error();
  return std::move(*stored);
}

Result<MetricLists::List> SqliteTenantCatalog::metrics_of(const DeviceId& device) {
  MetricLists::Found found = metric_lists_.find(device);
  if (found.list) return std::move(found.list);
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT series, device, path, metric, unit, display_name, "
                                     "type FROM metrics WHERE device = ? ORDER BY path, metric",
                                     device.str()));
  auto list = std::make_shared<std::vector<Metric>>();
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) break;
    MW_ASSIGN(Metric metric, catalog::metric_of(*rows));
    list->push_back(std::move(metric));
  }
  metric_lists_.remember(device, list, found.ticket);
  return MetricLists::List(std::move(list));
}

Result<std::vector<Metric>> SqliteTenantCatalog::metrics(const DeviceId& device, const Path& path) {
  MW_ASSIGN(const MetricLists::List all, metrics_of(device));
  std::vector<Metric> out;
  out.reserve(path.str().empty() ? all->size() : 0);
  for (const Metric& metric : *all) {
    if (is_within(metric.key.path, path)) out.push_back(metric);
  }
  return out;
}

Result<Metric> SqliteTenantCatalog::metric(SeriesId series) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT series, device, path, metric, unit, display_name, "
                                     "type FROM metrics WHERE series = ?",
                                     number(series)));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return catalog::unknown_series(series);
  return catalog::metric_of(*rows);
}

}  // namespace millwright
