// Events, anomalies and the state of services of SqliteTenantCatalog.
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {

using catalog::number;

namespace {

/// Columns: id, series, path, metric, kind, start_us, end_us, severity, reason.
Result<Anomaly> anomaly_of(const sqlite::Statement& row, const DeviceId& device) {
  MW_ASSIGN(Path path, catalog::stored_path(row.text(2)));
  MW_ASSIGN(MetricId metric, catalog::stored_metric(row.text(3)));
  std::optional<Timestamp> end;
  if (const auto us = row.optional_integer(6)) end = from_us(*us);
  return Anomaly{row.integer(0),
                 SeriesId{row.integer(1)},
                 {device, std::move(path), std::move(metric)},
                 row.text(4),
                 from_us(row.integer(5)),
                 end,
                 row.real(7),
                 row.text(8)};
}

}  // namespace

Result<std::int64_t> SqliteTenantCatalog::append_event(const Event& event) {
  const std::lock_guard lock(writing_);
  MW_TRY(catalog::require_device(connection_, event.device));
  MW_TRY(connection_.run("INSERT INTO events (device, kind, message, at_us) VALUES (?, ?, ?, ?)",
                         event.device.str(), event.kind, event.message, to_us(event.at)));
  return connection_.database().last_insert_id();
}

Result<std::vector<Event>> SqliteTenantCatalog::events(const DeviceId& device, TimeRange range,
                                                       std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows,
            reader->query("SELECT id, kind, message, at_us FROM events "
                          "WHERE device = ? AND at_us >= ? AND at_us < ? "
                          "ORDER BY at_us DESC, id DESC LIMIT ?",
                          device.str(), range.start_us, range.end_us, catalog::clamp(limit)));
  std::vector<Event> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    out.push_back(
        {rows->integer(0), device, rows->text(1), rows->text(2), from_us(rows->integer(3))});
  }
}

Result<std::int64_t> SqliteTenantCatalog::put_anomaly(const Anomaly& anomaly) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(const std::optional<std::int64_t> known,
            connection_.integer("SELECT 1 FROM metrics WHERE series = ?", number(anomaly.series)));
  if (!known) return catalog::unknown_series(anomaly.series);
  const std::optional<std::int64_t> end_us = catalog::to_us(anomaly.end);
  if (anomaly.id == 0) {
    MW_TRY(
        connection_.run("INSERT INTO anomalies (series, kind, start_us, end_us, severity, reason) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        number(anomaly.series), anomaly.kind, to_us(anomaly.start), end_us,
                        anomaly.severity, anomaly.reason));
    return connection_.database().last_insert_id();
  }
  MW_TRY(connection_.run(
      "UPDATE anomalies SET series = ?, kind = ?, start_us = ?, end_us = ?, severity = ?, "
      "reason = ? WHERE id = ?",
      number(anomaly.series), anomaly.kind, to_us(anomaly.start), end_us, anomaly.severity,
      anomaly.reason, anomaly.id));
  if (connection_.database().changes() == 0) {
    return not_found("anomaly " + std::to_string(anomaly.id) +
                     " does not exist; store it with id 0");
  }
  return anomaly.id;
}

Result<std::vector<Anomaly>> SqliteTenantCatalog::anomalies(const DeviceId& device,
                                                            const Path& path, TimeRange range,
                                                            std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(
      Rows rows,
      reader->query("SELECT id, series, path, metric, kind, start_us, end_us, severity, "
                    "reason FROM anomalies JOIN metrics USING (series) WHERE device = ?1 "
                    "AND (?2 = '' OR path = ?2 OR (path >= ?2 || '.' AND path < ?2 || '/')) "
                    "AND start_us < ?4 AND (end_us IS NULL OR end_us >= ?3) "
                    "ORDER BY start_us DESC, id DESC LIMIT ?5",
                    device.str(), path.str(), range.start_us, range.end_us, catalog::clamp(limit)));
  std::vector<Anomaly> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(Anomaly anomaly, anomaly_of(*rows, device));
    out.push_back(std::move(anomaly));
  }
}

Result<> SqliteTenantCatalog::put_state(std::string_view key, std::string_view bytes) {
  const std::lock_guard lock(writing_);
  return connection_.run("INSERT OR REPLACE INTO states VALUES (?, ?)", key, as_blob(bytes));
}

Result<std::optional<std::string>> SqliteTenantCatalog::state(std::string_view key) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT bytes FROM states WHERE key = ?", key));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return std::optional<std::string>();
  return std::optional(to_string(rows->blob(0)));
}

}  // namespace millwright
