// Predictions and their history of SqliteTenantCatalog.
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {
namespace {

/// Columns: path, kind, model, version, at_us, predicted, probability, value, lower, upper, unit,
/// reason, no_life.
Result<Prediction> prediction_of(const sqlite::Statement& row, const DeviceId& device) {
  MW_ASSIGN(Path path, catalog::stored_path(row.text(0)));
  return Prediction{device,
                    std::move(path),
                    static_cast<PredictionKind>(row.integer(1)),
                    row.text(2),
                    row.text(3),
                    from_us(row.integer(4)),
                    row.optional_text(5),
                    row.optional_real(6),
                    row.optional_real(7),
                    row.optional_real(8),
                    row.optional_real(9),
                    row.text(10),
                    row.text(11),
                    static_cast<NoLife>(row.integer(12))};
}

Result<std::vector<Prediction>> predictions_of(Rows rows, const DeviceId& device) {
  std::vector<Prediction> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(Prediction prediction, prediction_of(*rows, device));
    out.push_back(std::move(prediction));
  }
}

}  // namespace

Result<> SqliteTenantCatalog::put_prediction(const Prediction& prediction) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  MW_TRY(catalog::require_device(connection_, prediction.device));
  MW_TRY(connection_.run(
      "INSERT OR REPLACE INTO predictions (device, path, kind, model, version, at_us, predicted, "
      "probability, value, lower, upper, unit, reason, no_life) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      prediction.device.str(), prediction.path.str(), static_cast<int>(prediction.kind),
      prediction.model, prediction.version, to_us(prediction.at), prediction.predicted,
      prediction.probability, prediction.value, prediction.lower, prediction.upper, prediction.unit,
      prediction.reason, static_cast<int>(prediction.no_life)));
  MW_TRY(keep_prediction(prediction));
  return transaction.commit();
}

Result<> SqliteTenantCatalog::keep_prediction(const Prediction& prediction) {
  const auto hour = std::chrono::floor<std::chrono::hours>(prediction.at);
  MW_TRY(connection_.run(
      "INSERT INTO prediction_history (device, path, kind, model, hour, version, at_us, predicted, "
      "probability, value, lower, upper, unit, reason, no_life) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      prediction.device.str(), prediction.path.str(), static_cast<int>(prediction.kind),
      prediction.model, std::int64_t{hour.time_since_epoch().count()}, prediction.version,
      to_us(prediction.at), prediction.predicted, prediction.probability, prediction.value,
      prediction.lower, prediction.upper, prediction.unit, prediction.reason,
      static_cast<int>(prediction.no_life)));
  if (connection_.database().changes() == 0) return {};
  return connection_.run(
      "DELETE FROM prediction_history WHERE device = ? AND path = ? AND kind = ? AND model = ? "
      "AND at_us < ?",
      prediction.device.str(), prediction.path.str(), static_cast<int>(prediction.kind),
      prediction.model, to_us(prediction.at - kPredictionHistory));
}

Result<std::vector<Prediction>> SqliteTenantCatalog::predictions(const DeviceId& device,
                                                                 const Path& path) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows,
            reader->query("SELECT path, kind, model, version, at_us, predicted, probability, "
                          "value, lower, upper, unit, reason, no_life FROM predictions "
                          "WHERE device = ?1 "
                          "AND (?2 = '' OR path = ?2 OR (path >= ?2 || '.' AND path < ?2 || '/')) "
                          "ORDER BY path, kind, model",
                          device.str(), path.str()));
  return predictions_of(std::move(rows), device);
}

Result<> SqliteTenantCatalog::remove_prediction(const DeviceId& device, const Path& path,
                                                PredictionKind kind, std::string_view model) {
  const std::lock_guard lock(writing_);
  return connection_.run(
      "DELETE FROM predictions WHERE device = ? AND path = ? AND kind = ? AND model = ?",
      device.str(), path.str(), static_cast<int>(kind), model);
}

Result<std::vector<Prediction>> SqliteTenantCatalog::prediction_history(const DeviceId& device,
                                                                        const Path& path,
                                                                        PredictionKind kind,
                                                                        TimeRange range,
                                                                        std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows,
            reader->query("SELECT path, kind, model, version, at_us, predicted, probability, "
                          "value, lower, upper, unit, reason, no_life FROM prediction_history "
                          "WHERE device = ?1 "
                          "AND (?2 = '' OR path = ?2 OR (path >= ?2 || '.' AND path < ?2 || '/')) "
                          "AND kind = ?3 AND at_us >= ?4 AND at_us < ?5 "
                          "ORDER BY at_us DESC, path, model LIMIT ?6",
                          device.str(), path.str(), static_cast<int>(kind), range.start_us,
                          range.end_us, catalog::clamp(limit)));
  return predictions_of(std::move(rows), device);
}

}  // namespace millwright
