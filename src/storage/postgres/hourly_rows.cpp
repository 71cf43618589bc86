#include "storage/postgres/hourly_rows.h"

#include <algorithm>

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {

constexpr std::int64_t kHoursAStep = 512;  // some 20 ms: the writer waits for it
constexpr std::int64_t kMarkStepUs = 24 * kHourUs;

Result<> list_as_stale(Connection& connection, const std::vector<std::int64_t>& series,
                       const std::vector<std::int64_t>& hour_us) {
  if (series.empty()) return {};
  MW_TRY(
      connection.run("INSERT INTO stale_hours SELECT * FROM unnest($1::bigint[], $2::bigint[]) "
                     "ON CONFLICT DO NOTHING",
                     series, hour_us));
  return {};
}

Result<> compute(Connection& connection, const std::vector<std::int64_t>& series,
                 const std::vector<std::int64_t>& hour_us) {
  const auto [first, last] = std::minmax_element(hour_us.begin(), hour_us.end());
  MW_TRY(
      connection.run("DELETE FROM hourly h USING unnest($1::bigint[], $2::bigint[]) "
                     "AS p (series, hour_us) WHERE h.series = p.series AND h.hour_us = p.hour_us",
                     series, hour_us));
  // The range of all hours lets PostgreSQL leave out partitions. A sum that might leave the range
  // of double precision would be an error: the hour then has none and is read from the samples.
  MW_TRY(
      connection.run("INSERT INTO hourly SELECT p.series, p.hour_us, a.* "
                     "FROM unnest($1::bigint[], $2::bigint[]) AS p (series, hour_us), "
                     "LATERAL (SELECT count(*) AS count, min(value), max(value), "
                     "CASE WHEN max(abs(value)) < 1e290 "
                     "THEN sum(value) FILTER (WHERE abs(value) < 1e290) END, "
                     "(array_agg(value ORDER BY at_us))[1], "
                     "(array_agg(value ORDER BY at_us DESC))[1] "
                     "FROM numeric_scalar_values v WHERE v.series = p.series "
                     "AND v.at_us >= p.hour_us AND v.at_us < p.hour_us + 3600000000 "
                     "AND v.at_us >= $3 AND v.at_us < $4) AS a WHERE a.count > 0",
                     series, hour_us, *first, *last + kHourUs));
  MW_TRY(
      connection.run("DELETE FROM stale_hours s USING unnest($1::bigint[], $2::bigint[]) "
                     "AS p (series, hour_us) WHERE s.series = p.series AND s.hour_us = p.hour_us",
                     series, hour_us));
  return {};
}

}  // namespace

std::int64_t hour_of(std::int64_t at_us) {
  const std::int64_t into = at_us % kHourUs;
  return at_us - (into < 0 ? into + kHourUs : into);
}

Result<std::int64_t> rolled_up_through(Connection& connection) {
  MW_ASSIGN(const std::optional<std::int64_t> through,
            connection.integer("SELECT through_us FROM hourly_mark"));
  if (!through) return internal_error("the table hourly_mark of the tenant's database is empty");
  return *through;
}

Result<> samples_changed(Connection& connection, const SortedSamples& samples) {
  MW_ASSIGN(const std::int64_t through_us, rolled_up_through(connection));
  std::vector<std::int64_t> series;
  std::vector<std::int64_t> hour_us;
  for (std::size_t i = 0; i < samples.series.size(); ++i) {
    const std::int64_t at_us = samples.at_us[i];
    if (at_us < kEarliestHourUs || at_us >= through_us) continue;
    const std::int64_t hour = hour_of(at_us);
    if (!series.empty() && series.back() == samples.series[i] && hour_us.back() == hour) continue;
    series.push_back(samples.series[i]);
    hour_us.push_back(hour);
  }
  return list_as_stale(connection, series, hour_us);
}

Result<> series_removed(Connection& connection, const std::vector<std::int64_t>& series) {
  MW_TRY(connection.run("DELETE FROM hourly WHERE series = ANY($1)", series));
  MW_TRY(connection.run("DELETE FROM stale_hours WHERE series = ANY($1)", series));
  return {};
}

Result<> beginning_removed(Connection& connection, std::int64_t series, std::int64_t before_us) {
  if (before_us < kEarliestHourUs) return {};
  const std::int64_t hour = hour_of(before_us);
  MW_TRY(
      connection.run("DELETE FROM hourly WHERE series = $1 AND hour_us < $2", series, before_us));
  MW_TRY(
      connection.run("DELETE FROM stale_hours WHERE series = $1 AND hour_us < $2", series, hour));
  if (hour == before_us) return {};
  MW_ASSIGN(const std::int64_t through_us, rolled_up_through(connection));
  if (hour >= through_us) return {};
  return list_as_stale(connection, {series}, {hour});
}

Result<> range_removed(Connection& connection, TimeRange range) {
  MW_TRY(connection.run("DELETE FROM hourly WHERE hour_us >= $1 AND hour_us < $2", range.start_us,
                        range.end_us));
  MW_TRY(connection.run("DELETE FROM stale_hours WHERE hour_us >= $1 AND hour_us < $2",
                        range.start_us, range.end_us));
  return {};
}

Result<bool> roll_up(Connection& connection, std::int64_t now_us) {
  MW_ASSIGN(const Rows stale, connection.query("SELECT series, hour_us FROM stale_hours "
                                               "ORDER BY series, hour_us LIMIT $1",
                                               kHoursAStep));
  if (!stale.empty()) {
    std::vector<std::int64_t> series;
    std::vector<std::int64_t> hour_us;
    for (std::size_t i = 0; i < stale.size(); ++i) {
      series.push_back(stale.integer(i, 0));
      hour_us.push_back(stale.integer(i, 1));
    }
    MW_TRY(compute(connection, series, hour_us));
    return stale.size() == static_cast<std::size_t>(kHoursAStep);
  }
  MW_ASSIGN(const std::int64_t through_us, rolled_up_through(connection));
  const std::int64_t to_us = std::min(hour_of(now_us - kHourUs), through_us + kMarkStepUs);
  if (to_us <= through_us) return false;
  MW_TRY(
      connection.run("INSERT INTO stale_hours SELECT series, hour_us FROM heads, "
                     "generate_series($1::bigint, $2::bigint - 1, 3600000000) AS hour_us "
                     "WHERE heads.at_us >= hour_us ON CONFLICT DO NOTHING",
                     through_us, to_us));
  MW_TRY(connection.run("UPDATE hourly_mark SET through_us = $1", to_us));
  return true;
}

}  // namespace millwright::pg
