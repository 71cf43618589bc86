// Predictions and their history of PostgresTenantCatalog.
#include "storage/postgres/catalog_rows.h"
#include "storage/postgres/postgres_tenant_catalog.h"

namespace millwright {

using postgres::Pool;
using postgres::Rows;

namespace {

/// Columns: path, kind, model, version, at_us, predicted, probability, value, lower, upper, unit,
/// reason, no_life.
Result<Prediction> prediction_of(const Rows& rows, std::size_t row, const DeviceId& device) {
  MW_ASSIGN(Path path, pg::stored_path(rows.text(row, 0)));
  return Prediction{device,
                    std::move(path),
                    static_cast<PredictionKind>(rows.integer(row, 1)),
                    rows.text(row, 2),
                    rows.text(row, 3),
                    from_us(rows.integer(row, 4)),
                    rows.optional_text(row, 5),
                    rows.optional_real(row, 6),
                    rows.optional_real(row, 7),
                    rows.optional_real(row, 8),
                    rows.optional_real(row, 9),
                    rows.text(row, 10),
                    rows.text(row, 11),
                    static_cast<NoLife>(rows.integer(row, 12))};
}

Result<std::vector<Prediction>> predictions_of(const Rows& rows, const DeviceId& device) {
  std::vector<Prediction> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(Prediction prediction, prediction_of(rows, i, device));
    out.push_back(std::move(prediction));
  }
  return out;
}

}  // namespace

Result<> PostgresTenantCatalog::put_prediction(const Prediction& prediction) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_TRY(pg::require_device(*lease, prediction.device));
  const auto hour = std::chrono::floor<std::chrono::hours>(prediction.at);
  // One statement, so one transaction and one way to the server.
  MW_TRY(lease->run(
      "WITH newest AS (INSERT INTO predictions (device, path, kind, model, version, at_us, "
      "predicted, probability, value, lower, upper, unit, reason, no_life) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
      "ON CONFLICT (device, path, kind, model) DO UPDATE SET version = $5, at_us = $6, "
      "predicted = $7, probability = $8, value = $9, lower = $10, upper = $11, unit = $12, "
      "reason = $13, no_life = $14), "
      "kept AS (INSERT INTO prediction_history (device, path, kind, model, version, at_us, "
      "predicted, probability, value, lower, upper, unit, reason, no_life, hour) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
      "ON CONFLICT DO NOTHING RETURNING hour) "
      "DELETE FROM prediction_history WHERE device = $1 AND path = $2 AND kind = $3 AND model = $4 "
      "AND at_us < $16 AND EXISTS (SELECT 1 FROM kept)",
      prediction.device.str(), prediction.path.str(), static_cast<int>(prediction.kind),
      prediction.model, prediction.version, to_us(prediction.at), prediction.predicted,
      prediction.probability, prediction.value, prediction.lower, prediction.upper, prediction.unit,
      prediction.reason, static_cast<int>(prediction.no_life),
      std::int64_t{hour.time_since_epoch().count()}, to_us(prediction.at - kPredictionHistory)));
  return {};
}

Result<std::vector<Prediction>> PostgresTenantCatalog::predictions(const DeviceId& device,
                                                                   const Path& path) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT path, kind, model, version, at_us, predicted, probability, "
                         "value, lower, upper, unit, reason, no_life FROM predictions "
                         "WHERE device = $1 AND path::ltree <@ $2::text::ltree "
                         "ORDER BY path, kind, model",
                         device.str(), path.str()));
  return predictions_of(rows, device);
}

Result<> PostgresTenantCatalog::remove_prediction(const DeviceId& device, const Path& path,
                                                  PredictionKind kind, std::string_view model) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_TRY(lease->run(
      "DELETE FROM predictions WHERE device = $1 AND path = $2 AND kind = $3 AND model = $4",
      device.str(), path.str(), static_cast<int>(kind), model));
  return {};
}

Result<std::vector<Prediction>> PostgresTenantCatalog::prediction_history(const DeviceId& device,
                                                                          const Path& path,
                                                                          PredictionKind kind,
                                                                          TimeRange range,
                                                                          std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT path, kind, model, version, at_us, predicted, probability, "
                         "value, lower, upper, unit, reason, no_life FROM prediction_history "
                         "WHERE device = $1 AND path::ltree <@ $2::text::ltree AND kind = $3 "
                         "AND at_us >= $4 AND at_us < $5 ORDER BY at_us DESC, path, model LIMIT $6",
                         device.str(), path.str(), static_cast<int>(kind), range.start_us,
                         range.end_us, pg::clamp(limit)));
  return predictions_of(rows, device);
}

}  // namespace millwright
