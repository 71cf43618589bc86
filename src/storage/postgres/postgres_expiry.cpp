// Retention of PostgresSampleStore: partitions where every series agrees, rows otherwise.
#include <algorithm>

#include "storage/postgres/hourly_rows.h"
#include "storage/postgres/postgres_sample_store.h"
#include "storage/postgres/sample_rows.h"

namespace millwright {

using postgres::Connection;
using postgres::Pool;
using postgres::Rows;

namespace {

constexpr std::size_t kSeriesAStep = 64;
constexpr std::uint64_t kBytesASample = 95;  // row and index entry, measured on plain PostgreSQL

struct Block {
  std::int64_t start_us = 0;
  std::int64_t last_us = 0;
  std::uint64_t samples = 0;
  std::uint64_t bytes = 0;
};

/// Blocks, by start, that lie wholly before the instant together with all that overlap them: a
/// block alone might uncover what it replaced.
Result<std::vector<Block>> expired_blocks(Connection& connection, const Expiry& expiry) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT start_us, last_us, (length(values_f4) / 4)::bigint, "
                             "length(values_f4)::bigint FROM waveforms "
                             "WHERE series = $1 AND start_us < $2 ORDER BY start_us",
                             static_cast<std::int64_t>(expiry.series), expiry.before_us));
  std::vector<Block> out;
  std::size_t expired = 0;  // of `out`
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t reach = out.empty() ? 0 : out.back().last_us;
    const bool begins_cluster = out.empty() || rows.integer(i, 0) > reach;
    if (begins_cluster) expired = out.size();
    out.push_back({rows.integer(i, 0), rows.integer(i, 1),
                   static_cast<std::uint64_t>(rows.integer(i, 2)),
                   static_cast<std::uint64_t>(rows.integer(i, 3))});
    out.back().last_us = std::max(out.back().last_us, begins_cluster ? rows.integer(i, 1) : reach);
    if (out.back().last_us >= expiry.before_us) {
      out.resize(expired);
      return out;
    }
  }
  return out;
}

/// The earliest instant of all series that have samples; missing where one has no expiry.
Result<std::optional<std::int64_t>> common_instant(Connection& connection,
                                                   std::span<const Expiry> expiries) {
  std::vector<SeriesId> series;
  std::optional<std::int64_t> earliest;
  for (const Expiry& expiry : expiries) {
    series.push_back(expiry.series);
    earliest = std::min(earliest.value_or(expiry.before_us), expiry.before_us);
  }
  MW_ASSIGN(const std::optional<std::int64_t> other,
            connection.integer("SELECT series FROM heads WHERE series <> ALL($1) LIMIT 1",
                               pg::numbers(series)));
  if (other) return std::optional<std::int64_t>();
  return earliest;
}

Result<bool> expire_series(Connection& connection, const Expiry& expiry) {
  const auto id = static_cast<std::int64_t>(expiry.series);
  MW_ASSIGN(const std::int64_t samples,
            connection.run("DELETE FROM numeric_scalar_values WHERE series = $1 AND at_us < $2", id,
                           expiry.before_us));
  MW_ASSIGN(const std::vector<Block> blocks, expired_blocks(connection, expiry));
  std::vector<std::int64_t> starts;
  for (const Block& block : blocks) starts.push_back(block.start_us);
  if (!starts.empty()) {
    MW_TRY(connection.run("DELETE FROM waveforms WHERE series = $1 AND start_us = ANY($2)", id,
                          starts));
  }
  if (samples == 0 && starts.empty()) return false;
  MW_TRY(pg::beginning_removed(connection, id, expiry.before_us));
  MW_TRY(
      connection.run("DELETE FROM heads WHERE series = $1 AND at_us < $2", id, expiry.before_us));
  return true;
}

}  // namespace

Result<bool> PostgresSampleStore::expire(std::span<const Expiry> expiries) {
  const std::lock_guard lock(writing_);
  std::optional<std::int64_t> common;
  std::size_t done = 0;
  bool more = false;
  // Whole days first: what is then left to delete is little.
  const auto days = [&](Connection& connection) -> Result<> {
    MW_ASSIGN(common, common_instant(connection, expiries));
    if (!common) return {};
    MW_ASSIGN(const TimeRange dropped, layout_.drop_before(connection, *common));
    return pg::range_removed(connection, dropped);
  };
  const auto rows = [&](Connection& connection) -> Result<> {
    for (const Expiry& expiry : expiries) {
      MW_ASSIGN(const bool any, expire_series(connection, expiry));
      done += any ? 1 : 0;
      more = done >= kSeriesAStep;
      if (more) break;
    }
    return {};
  };
  const auto rows_and_heads = [&](Connection& connection) -> Result<> {
    MW_TRY(rows(connection));
    if (!common) return {};
    MW_TRY(connection.run("DELETE FROM heads WHERE at_us < $1 AND sample_rate_hz = 0", *common));
    return {};
  };
  MW_TRY(write(days));
  MW_TRY(write(rows_and_heads));
  return more;
}

Result<Expirable> PostgresSampleStore::expirable(std::span<const Expiry> expiries) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  std::vector<std::int64_t> series;
  std::vector<std::int64_t> before;
  for (const Expiry& expiry : expiries) {
    series.push_back(static_cast<std::int64_t>(expiry.series));
    before.push_back(expiry.before_us);
  }
  MW_ASSIGN(const Rows rows,
            lease->query("SELECT count(*), min(at_us), max(at_us) FROM numeric_scalar_values v "
                         "JOIN unnest($1::bigint[], $2::bigint[]) AS e (series, before_us) "
                         "USING (series) WHERE v.at_us < e.before_us",
                         series, before));
  Expirable out;
  out.samples = static_cast<std::uint64_t>(rows.integer(0, 0));
  out.bytes = out.samples * kBytesASample;
  out.first_us = rows.optional_integer(0, 1).value_or(0);
  out.last_us = rows.optional_integer(0, 2).value_or(0);
  for (const Expiry& expiry : expiries) {
    MW_ASSIGN(const std::vector<Block> blocks, expired_blocks(*lease, expiry));
    for (const Block& block : blocks) {
      const bool is_first = out.samples == 0;
      out.samples += block.samples;
      out.bytes += block.bytes;
      out.first_us = is_first ? block.start_us : std::min(out.first_us, block.start_us);
      out.last_us = is_first ? block.last_us : std::max(out.last_us, block.last_us);
    }
  }
  return out;
}

}  // namespace millwright
