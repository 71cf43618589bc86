#include "storage/postgres/tenant_tables.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {

constexpr const char* kCatalog[] = {
    "devices",           "paths",  "metrics",         "events", "anomalies",
    "predictions",       "states", "retention_rules", "labels", "degradation_limits",
    "prediction_history"};

constexpr const char* kSamples[] = {"waveforms",   "numeric_array_values",
                                    "text_values", "binary_values",
                                    "heads",       "sessions",
                                    "epochs",      "ledger",
                                    "dictionary",  "gaps",
                                    "quarantine",  "hourly",
                                    "stale_hours", "hourly_mark"};

constexpr const char* kUnmoved[] = {"schema_versions", "writer", kUnfinishedMove};

bool is_known(const std::string& table) {
  if (table == "numeric_scalar_values") return true;
  for (const std::span<const char* const> list :
       {catalog_tables(), sample_tables(), unmoved_tables()}) {
    if (std::find(list.begin(), list.end(), table) != list.end()) return true;
  }
  return false;
}

}  // namespace

std::span<const char* const> catalog_tables() { return kCatalog; }
std::span<const char* const> sample_tables() { return kSamples; }
std::span<const char* const> unmoved_tables() { return kUnmoved; }

Result<std::vector<std::string>> unknown_tables(Connection& connection) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT relname::text FROM pg_class "
                             "WHERE relnamespace = 'public'::regnamespace "
                             "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::string name = rows.text(i, 0); !is_known(name)) out.push_back(std::move(name));
  }
  return out;
}

}  // namespace millwright::pg
