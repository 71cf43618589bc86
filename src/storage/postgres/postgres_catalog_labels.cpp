// Labels of PostgresTenantCatalog.
#include "storage/postgres/catalog_rows.h"
#include "storage/postgres/postgres_tenant_catalog.h"

namespace millwright {

using postgres::Pool;
using postgres::Rows;

namespace {

/// Columns: id, path, metric, class, author, note, start_us, end_us, created_us.
Result<Label> label_of(const Rows& rows, std::size_t row, const DeviceId& device) {
  MW_ASSIGN(Path path, pg::stored_path(rows.text(row, 1)));
  std::optional<MetricId> metric;
  if (const auto text = rows.optional_text(row, 2)) {
    MW_ASSIGN(metric, pg::stored_metric(*text));
  }
  std::optional<Timestamp> end;
  if (const auto us = rows.optional_integer(row, 7)) end = from_us(*us);
  return Label{rows.integer(row, 0),
               device,
               std::move(path),
               std::move(metric),
               rows.text(row, 3),
               rows.text(row, 4),
               rows.text(row, 5),
               from_us(rows.integer(row, 6)),
               end,
               from_us(rows.integer(row, 8))};
}

}  // namespace

Result<std::int64_t> PostgresTenantCatalog::create_label(const Label& label) {
  MW_TRY(check_label(label));
  std::optional<std::string> metric;
  if (label.metric) metric = label.metric->str();
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::optional<std::int64_t> id,
            lease->integer("INSERT INTO labels (device, path, metric, class, author, note, "
                           "start_us, end_us, created_us) SELECT device, $2, $3, $4, $5, $6, $7, "
                           "$8, $9 FROM devices WHERE device = $1 RETURNING id",
                           label.device.str(), label.path.str(), metric, label.class_name,
                           label.author, label.note, to_us(label.start), pg::optional_us(label.end),
                           to_us(label.created_at)));
  if (!id) return pg::unknown_device(label.device);
  return *id;
}

Result<std::vector<Label>> PostgresTenantCatalog::labels(const DeviceId& device, const Path& path,
                                                         TimeRange range,
                                                         std::string_view class_name,
                                                         std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT id, path, metric, class, author, note, start_us, end_us, "
                         "created_us FROM labels WHERE device = $1 "
                         "AND path::ltree <@ $2::text::ltree "
                         "AND start_us < $4 AND (end_us IS NULL OR end_us >= $3) "
                         "AND ($5 = '' OR class = $5) ORDER BY start_us DESC, id DESC LIMIT $6",
                         device.str(), path.str(), range.start_us, range.end_us, class_name,
                         pg::clamp(limit)));
  std::vector<Label> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MW_ASSIGN(Label label, label_of(rows, i, device));
    out.push_back(std::move(label));
  }
  return out;
}

Result<> PostgresTenantCatalog::delete_label(std::int64_t id) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::int64_t removed, lease->run("DELETE FROM labels WHERE id = $1", id));
  if (removed == 0) {
    return not_found("label " + std::to_string(id) +
                     " does not exist; list the labels to see which do");
  }
  return {};
}

}  // namespace millwright
