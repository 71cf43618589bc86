// Retention rules of SqliteTenantCatalog.
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {
namespace {

std::optional<std::string> text_of(const std::optional<DeviceId>& device) {
  if (!device) return std::nullopt;
  return device->str();
}
/// A metric identifier is never empty: empty means all.
std::string text_of(const std::optional<MetricId>& metric) {
  return metric ? metric->str() : std::string();
}

/// Columns: device, path, metric, waveforms_only, keep_h.
Result<RetentionRule> rule_of(const sqlite::Statement& row) {
  std::optional<DeviceId> device;
  if (const auto text = row.optional_text(0)) {
    MW_ASSIGN(device, catalog::stored_device(*text));
  }
  MW_ASSIGN(Path path, catalog::stored_path(row.text(1)));
  std::optional<MetricId> metric;
  if (const std::string text = row.text(2); !text.empty()) {
    MW_ASSIGN(metric, catalog::stored_metric(text));
  }
  return RetentionRule{{std::move(device), std::move(path), std::move(metric), row.integer(3) != 0},
                       std::chrono::hours(row.integer(4))};
}

}  // namespace

Result<> SqliteTenantCatalog::put_retention_rule(const RetentionRule& rule) {
  const std::lock_guard lock(writing_);
  const RetentionScope& scope = rule.scope;
  if (scope.device) MW_TRY(catalog::require_device(connection_, *scope.device));
  return connection_.run("INSERT OR REPLACE INTO retention_rules VALUES (?, ?, ?, ?, ?)",
                         text_of(scope.device), scope.path.str(), text_of(scope.metric),
                         scope.waveforms_only ? 1 : 0, std::int64_t{rule.keep.count()});
}

Result<> SqliteTenantCatalog::remove_retention_rule(const RetentionScope& scope) {
  const std::lock_guard lock(writing_);
  MW_TRY(
      connection_.run("DELETE FROM retention_rules WHERE device IS ? AND path = ? AND "
                      "metric = ? AND waveforms_only = ?",
                      text_of(scope.device), scope.path.str(), text_of(scope.metric),
                      scope.waveforms_only ? 1 : 0));
  if (connection_.database().changes() == 0) {
    return not_found("there is no retention rule of this scope; list the rules to see which exist");
  }
  return {};
}

Result<std::vector<RetentionRule>> SqliteTenantCatalog::retention_rules() {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows, reader->query("SELECT device, path, metric, waveforms_only, keep_h "
                                     "FROM retention_rules "
                                     "ORDER BY device, path, metric, waveforms_only"));
  std::vector<RetentionRule> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(RetentionRule rule, rule_of(*rows));
    out.push_back(std::move(rule));
  }
}

}  // namespace millwright
