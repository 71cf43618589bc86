// Labels of SqliteTenantCatalog.
#include "storage/sqlite/catalog_rows.h"
#include "storage/sqlite/sqlite_tenant_catalog.h"

namespace millwright {
namespace {

/// Columns: id, path, metric, class, author, note, start_us, end_us, created_us.
Result<Label> label_of(const sqlite::Statement& row, const DeviceId& device) {
  MW_ASSIGN(Path path, catalog::stored_path(row.text(1)));
  std::optional<MetricId> metric;
  if (const auto text = row.optional_text(2)) {
    MW_ASSIGN(metric, catalog::stored_metric(*text));
  }
  std::optional<Timestamp> end;
  if (const auto us = row.optional_integer(7)) end = from_us(*us);
  return Label{row.integer(0),
               device,
               std::move(path),
               std::move(metric),
               row.text(3),
               row.text(4),
               row.text(5),
               from_us(row.integer(6)),
               end,
               from_us(row.integer(8))};
}

}  // namespace

Result<std::int64_t> SqliteTenantCatalog::create_label(const Label& label) {
  MW_TRY(check_label(label));
  std::optional<std::string> metric;
  if (label.metric) metric = label.metric->str();
  const std::lock_guard lock(writing_);
  MW_TRY(catalog::require_device(connection_, label.device));
  MW_TRY(connection_.run(
      "INSERT INTO labels (device, path, metric, class, author, note, start_us, "
      "end_us, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      label.device.str(), label.path.str(), metric, label.class_name, label.author, label.note,
      to_us(label.start), catalog::to_us(label.end), to_us(label.created_at)));
  return connection_.database().last_insert_id();
}

Result<std::vector<Label>> SqliteTenantCatalog::labels(const DeviceId& device, const Path& path,
                                                       TimeRange range, std::string_view class_name,
                                                       std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(Rows rows,
            reader->query("SELECT id, path, metric, class, author, note, start_us, end_us, "
                          "created_us FROM labels WHERE device = ?1 "
                          "AND (?2 = '' OR path = ?2 OR (path >= ?2 || '.' AND path < ?2 || '/')) "
                          "AND start_us < ?4 AND (end_us IS NULL OR end_us >= ?3) "
                          "AND (?5 = '' OR class = ?5) ORDER BY start_us DESC, id DESC LIMIT ?6",
                          device.str(), path.str(), range.start_us, range.end_us, class_name,
                          catalog::clamp(limit)));
  std::vector<Label> out;
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return out;
    MW_ASSIGN(Label label, label_of(*rows, device));
    out.push_back(std::move(label));
  }
}

Result<> SqliteTenantCatalog::delete_label(std::int64_t id) {
  const std::lock_guard lock(writing_);
  MW_TRY(connection_.run("DELETE FROM labels WHERE id = ?", id));
  if (connection_.database().changes() == 0) {
    return not_found("label " + std::to_string(id) +
                     " does not exist; list the labels to see which do");
  }
  return {};
}

}  // namespace millwright
