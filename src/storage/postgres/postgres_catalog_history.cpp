// Events, anomalies, retention rules and the state of services of PostgresTenantCatalog.
#include "storage/postgres/catalog_rows.h"
#include "storage/postgres/postgres_tenant_catalog.h"

namespace millwright {

using pg::number;
using postgres::Pool;
using postgres::Rows;

namespace {

/// Columns: id, series, path, metric, kind, start_us, end_us, severity, reason.
Result<Anomaly> anomaly_of(const Rows& rows, std::size_t row, const DeviceId& device) {
  MW_ASSIGN(Path path, pg::stored_path(rows.text(row, 2)));
  MW_ASSIGN(MetricId metric, pg::stored_metric(rows.text(row, 3)));
  std::optional<Timestamp> end;
  if (const auto us = rows.optional_integer(row, 6)) end = from_us(*us);
  return Anomaly{rows.integer(row, 0),
                 SeriesId{rows.integer(row, 1)},
                 {device, std::move(path), std::move(metric)},
                 rows.text(row, 4),
                 from_us(rows.integer(row, 5)),
                 end,
                 rows.real(row, 7),
                 rows.text(row, 8)};
}

/// Columns: device, path, metric, waveforms_only, keep_h.
Result<RetentionRule> rule_of(const Rows& rows, std::size_t row) {
  std::optional<DeviceId> device;
  if (const auto text = rows.optional_text(row, 0)) {
    MW_ASSIGN(device, pg::stored_device(*text));
  }
  MW_ASSIGN(Path path, pg::stored_path(rows.text(row, 1)));
  std::optional<MetricId> metric;
  if (const std::string text = rows.text(row, 2); !text.empty()) {
    MW_ASSIGN(metric, pg::stored_metric(text));
  }
  return RetentionRule{
      {std::move(device), std::move(path), std::move(metric), rows.integer(row, 3) != 0},
      std::chrono::hours(rows.integer(row, 4))};
}

std::optional<std::string> text_of(const std::optional<DeviceId>& device) {
  if (!device) return std::nullopt;
  return device->str();
}
/// A metric identifier is never empty: empty means all.
std::string text_of(const std::optional<MetricId>& metric) {
  return metric ? metric->str() : std::string();
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Result<std::int64_t> PostgresTenantCatalog::append_event(const Event& event) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::optional<std::int64_t> id,
            lease->integer("INSERT INTO events (device, kind, message, at_us) "
                           "SELECT device, $2, $3, $4 FROM devices WHERE device = $1 RETURNING id",
                           event.device.str(), event.kind, event.message, to_us(event.at)));
  if (!id) return pg::unknown_device(event.device);
  return *id;
}

Result<std::vector<Event>> PostgresTenantCatalog::events(const DeviceId& device, TimeRange range,
                                                         std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT id, kind, message, at_us FROM events "
                         "WHERE device = $1 AND at_us >= $2 AND at_us < $3 "
                         "ORDER BY at_us DESC, id DESC LIMIT $4",
                         device.str(), range.start_us, range.end_us, pg::clamp(limit)));
  std::vector<Event> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back({rows.integer(i, 0), device, rows.text(i, 1), rows.text(i, 2),
                   from_us(rows.integer(i, 3))});
  }
  return out;
}

Result<std::int64_t> PostgresTenantCatalog::put_anomaly(const Anomaly& anomaly) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  const std::optional<std::int64_t> end_us = pg::optional_us(anomaly.end);
  if (anomaly.id == 0) {
    MW_ASSIGN(const std::optional<std::int64_t> id,
              lease->integer("INSERT INTO anomalies (series, kind, start_us, end_us, severity, "
                             "reason) SELECT series, $2, $3, $4, $5, $6 FROM metrics "
                             "WHERE series = $1 RETURNING id",
                             number(anomaly.series), anomaly.kind, to_us(anomaly.start), end_us,
                             anomaly.severity, anomaly.reason));
    if (!id) return pg::unknown_series(anomaly.series);
    return *id;
  }
  MW_ASSIGN(const std::optional<std::int64_t> known,
            lease->integer("SELECT series FROM metrics WHERE series = $1", number(anomaly.series)));
  if (!known) return pg::unknown_series(anomaly.series);
  MW_ASSIGN(const std::int64_t changed,
            lease->run("UPDATE anomalies SET series = $1, kind = $2, start_us = $3, end_us = $4, "
                       "severity = $5, reason = $6 WHERE id = $7",
                       number(anomaly.series), anomaly.kind, to_us(anomaly.start), end_us,
                       anomaly.severity, anomaly.reason, anomaly.id));
  if (changed == 0) {
    return not_found("anomaly " + std::to_string(anomaly.id) +
                     " does not exist; store it with id 0");
  }
  return anomaly.id;
}

Result<std::vector<Anomaly>> PostgresTenantCatalog::anomalies(const DeviceId& device,
                                                              const Path& path, TimeRange range,
                                                              std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(
      const Rows rows,
      lease->query("SELECT id, series, path_text, metric, kind, start_us, end_us, severity, reason "
                   "FROM anomalies JOIN placed_metrics USING (series) WHERE device = $1 "
                   "AND path <@ $2::text::ltree "
                   "AND start_us < $4 AND (end_us IS NULL OR end_us >= $3) "
                   "ORDER BY start_us DESC, id DESC LIMIT $5",
                   device.str(), path.str(), range.start_us, range.end_us, pg::clamp(limit)));
  std::vector<Anomaly> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(Anomaly anomaly, anomaly_of(rows, i, device));
    out.push_back(std::move(anomaly));
  }
  return out;
}

// Retention ---------------------------------------------------------------------------------------

Result<> PostgresTenantCatalog::put_retention_rule(const RetentionRule& rule) {
  const RetentionScope& scope = rule.scope;
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  if (scope.device) MW_TRY(pg::require_device(*lease, *scope.device));
  MW_TRY(
      lease->run("INSERT INTO retention_rules VALUES ($1, $2, $3, $4, $5) "
                 "ON CONFLICT (coalesce(device, ''), path, metric, waveforms_only) "
                 "DO UPDATE SET keep_h = $5",
                 text_of(scope.device), scope.path.str(), text_of(scope.metric),
                 scope.waveforms_only, std::int64_t{rule.keep.count()}));
  return {};
}

Result<> PostgresTenantCatalog::remove_retention_rule(const RetentionScope& scope) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::int64_t removed,
            lease->run("DELETE FROM retention_rules WHERE device IS NOT DISTINCT FROM $1 AND "
                       "path = $2 AND metric = $3 AND waveforms_only = $4",
                       text_of(scope.device), scope.path.str(), text_of(scope.metric),
                       scope.waveforms_only));
  if (removed == 0) {
    return not_found("there is no retention rule of this scope; list the rules to see which exist");
  }
  return {};
}

Result<std::vector<RetentionRule>> PostgresTenantCatalog::retention_rules() {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT device, path, metric, waveforms_only, keep_h FROM retention_rules "
                         "ORDER BY device NULLS FIRST, path, metric, waveforms_only"));
  std::vector<RetentionRule> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(RetentionRule rule, rule_of(rows, i));
    out.push_back(std::move(rule));
  }
  return out;
}

// States ------------------------------------------------------------------------------------------

Result<> PostgresTenantCatalog::put_state(std::string_view key, std::string_view bytes) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_TRY(lease->run("INSERT INTO states VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET bytes = $2",
                    key, as_bytes(bytes)));
  return {};
}

Result<std::optional<std::string>> PostgresTenantCatalog::state(std::string_view key) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT bytes FROM states WHERE key = $1", key));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional(rows.text(0, 0));
}

}  // namespace millwright
