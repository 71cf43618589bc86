// Degradation limits of PostgresTenantCatalog.
#include "storage/postgres/catalog_rows.h"
#include "storage/postgres/postgres_tenant_catalog.h"

namespace millwright {

using postgres::Pool;
using postgres::Rows;

namespace {

/// Columns: id, device, path, metric, value, side, author, note, created_us.
Result<DegradationLimit> limit_of(const Rows& rows, std::size_t row) {
  MW_ASSIGN(DeviceId device, pg::stored_device(rows.text(row, 1)));
  MW_ASSIGN(Path path, pg::stored_path(rows.text(row, 2)));
  MW_ASSIGN(MetricId metric, pg::stored_metric(rows.text(row, 3)));
  return DegradationLimit{rows.integer(row, 0),
                          {std::move(device), std::move(path), std::move(metric)},
                          rows.real(row, 4),
                          static_cast<LimitSide>(rows.integer(row, 5)),
                          rows.text(row, 6),
                          rows.text(row, 7),
                          from_us(rows.integer(row, 8))};
}

}  // namespace

Result<std::int64_t> PostgresTenantCatalog::create_degradation_limit(
    const DegradationLimit& limit) {
  MW_TRY(check_degradation_limit(limit));
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_TRY(pg::require_device(*lease, limit.key.device));
  MW_ASSIGN(const std::optional<std::int64_t> id,
            lease->integer(
                "INSERT INTO degradation_limits (device, path, metric, value, side, author, note, "
                "created_us) SELECT device, $2, $3, $4, $5, $6, $7, $8 FROM devices "
                "WHERE device = $1 ON CONFLICT DO NOTHING RETURNING id",
                limit.key.device.str(), limit.key.path.str(), limit.key.metric.str(), limit.value,
                static_cast<int>(limit.side), limit.author, limit.note, to_us(limit.created_at)));
  if (!id) return limit_exists(limit);
  return *id;
}

Result<std::vector<DegradationLimit>> PostgresTenantCatalog::degradation_limits() {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT id, device, path, metric, value, side, author, "
                                          "note, created_us FROM degradation_limits "
                                          "ORDER BY device, path, metric, side"));
  std::vector<DegradationLimit> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(DegradationLimit limit, limit_of(rows, i));
    out.push_back(std::move(limit));
  }
  return out;
}

Result<DegradationLimit> PostgresTenantCatalog::delete_degradation_limit(std::int64_t id) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("DELETE FROM degradation_limits WHERE id = $1 RETURNING id, device, path, "
                         "metric, value, side, author, note, created_us",
                         id));
  if (rows.empty()) return no_such_limit(id);
  return limit_of(rows, 0);
}

}  // namespace millwright
