// Degradation limits of SqliteTenantCatalog.
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {
namespace {

/// Columns: id, device, path, metric, value, side, author, note, created_us.
Result<DegradationLimit> limit_of(const sqlite::Statement& row) {
  MW_ASSIGN(DeviceId device, catalog::stored_device(row.text(1)));
  MW_ASSIGN(Path path, catalog::stored_path(row.text(2)));
  MW_ASSIGN(MetricId metric, catalog::stored_metric(row.text(3)));
  return DegradationLimit{row.integer(0),
                          {std::move(device), std::move(path), std::move(metric)},
                          row.real(4),
                          static_cast<LimitSide>(row.integer(5)),
                          row.text(6),
                          row.text(7),
                          from_us(row.integer(8))};
}

}  // namespace

Result<std::int64_t> SqliteTenantCatalog::create_degradation_limit(const DegradationLimit& limit) {
  MW_TRY(check_degradation_limit(limit));
  const std::lock_guard lock(writing_);
  MW_TRY(catalog::require_device(connection_, limit.key.device));
  MW_TRY(connection_.run(
      "INSERT INTO degradation_limits (device, path, metric, value, side, author, note, "
      "created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      limit.key.device.str(), limit.key.path.str(), limit.key.metric.str(), limit.value,
      static_cast<int>(limit.side), limit.author, limit.note, to_us(limit.created_at)));
  if (connection_.database().changes() == 0) return limit_exists(limit);
  return connection_.database().last_insert_id();
}

Result<std::vector<DegradationLimit>> SqliteTenantCatalog::degradation_limits() {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT id, device, path, metric, value, side, author, note, "
                                     "created_us FROM degradation_limits "
                                     "ORDER BY device, path, metric, side"));
  std::vector<DegradationLimit> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(DegradationLimit limit, limit_of(*rows));
    out.push_back(std::move(limit));
  }
}

Result<DegradationLimit> SqliteTenantCatalog::delete_degradation_limit(std::int64_t id) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(Rows rows,
            connection_.query("DELETE FROM degradation_limits WHERE id = ? RETURNING id, device, "
                              "path, metric, value, side, author, note, created_us",
                              id));
  MW_ASSIGN(const bool found, rows.next());
  if (!found) return no_such_limit(id);
  MW_ASSIGN(DegradationLimit limit, limit_of(*rows));
  // Only a statement that has run to its end is committed.
  MW_TRY(rows.next());
  return limit;
}

}  // namespace millwright
