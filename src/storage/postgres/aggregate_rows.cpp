#include "storage/postgres/aggregate_rows.h"

#include <algorithm>
#include <map>

#include "storage/postgres/hourly_rows.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {

/// More spans than that cost more than the hours between them save.
constexpr std::size_t kMostSpans = 20'000;

/// Part of a bucket with the instants of its first and last value.
struct Part {
  Bucket bucket;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};

struct Parts {
  std::map<std::pair<std::int64_t, std::int64_t>, Part> of;  // by series and bucket
  std::set<std::int64_t> unsummed;
};

void merge(Part& into, const Part& part) {
  if (into.bucket.count == 0) {
    into = part;
    return;
  }
  into.bucket.count += part.bucket.count;
  into.bucket.min = std::min(into.bucket.min, part.bucket.min);
  into.bucket.max = std::max(into.bucket.max, part.bucket.max);
  into.bucket.sum += part.bucket.sum;
  if (part.first_us < into.first_us) {
    into.first_us = part.first_us;
    into.bucket.first = part.bucket.first;
  }
  if (part.last_us > into.last_us) {
    into.last_us = part.last_us;
    into.bucket.last = part.bucket.last;
  }
}

/// Rows of series, bucket, count, min, max, sum, first, last, instant of first, instant of last.
void merge_rows(Parts& into, const Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.is_null(i, 5)) into.unsummed.insert(rows.integer(i, 0));
    const Bucket bucket{
        static_cast<std::uint64_t>(rows.integer(i, 2)), rows.real(i, 3), rows.real(i, 4),
        rows.optional_real(i, 5).value_or(0),           rows.real(i, 6), rows.real(i, 7)};
    merge(into.of[{rows.integer(i, 0), rows.integer(i, 1)}],
          {bucket, rows.integer(i, 8), rows.integer(i, 9)});
  }
}

/// Stretches of time that are read from the samples, of the series beside them.
struct Spans {
  std::vector<std::int64_t> series;
  std::vector<std::int64_t> from_us;
  std::vector<std::int64_t> to_us;
  void add(std::int64_t id, TimeRange range) {
    series.push_back(id);
    from_us.push_back(range.start_us);
    to_us.push_back(range.end_us);
  }
};

/// How a grid of boundaries lies over the hours that are rolled up.
struct HourGrid {
  /// Hours from the first to the last whole one; empty where no bucket holds one.
  TimeRange hours{0, 0};
  /// What is read from the samples whatever the series.
  std::vector<TimeRange> rest;
};

HourGrid hour_grid(std::span<const std::int64_t> boundaries_us, std::int64_t through_us) {
  HourGrid out;
  const auto leave = [&](std::int64_t from_us, std::int64_t to_us) {
    if (from_us >= to_us) return;
    if (!out.rest.empty() && out.rest.back().end_us == from_us) {
      out.rest.back().end_us = to_us;
    } else {
      out.rest.push_back({from_us, to_us});
    }
  };
  for (std::size_t i = 0; i + 1 < boundaries_us.size(); ++i) {
    const std::int64_t from_us = boundaries_us[i];
    const std::int64_t to_us = boundaries_us[i + 1];
    const std::int64_t reckoned_us = std::max(from_us, kEarliestHourUs);
    if (reckoned_us >= through_us) {
      leave(from_us, to_us);
      continue;
    }
    const std::int64_t begin = hour_of(reckoned_us - 1) + kHourUs;
    const std::int64_t end = std::min(hour_of(std::max(to_us, kEarliestHourUs)), through_us);
    if (begin >= end) {
      leave(from_us, to_us);
      continue;
    }
    leave(from_us, begin);
    if (out.hours.start_us >= out.hours.end_us) out.hours.start_us = begin;
    out.hours.end_us = end;
    leave(end, to_us);
  }
  return out;
}

/// Whether this hour lies in `rest`, where it is read anyway.
bool is_in(const std::vector<TimeRange>& rest, std::int64_t hour_us) {
  const auto after =
      std::upper_bound(rest.begin(), rest.end(), hour_us,
                       [](std::int64_t at, const TimeRange& range) { return at < range.start_us; });
  const bool starts_in = after != rest.begin() && std::prev(after)->end_us > hour_us;
  return starts_in || (after != rest.end() && after->start_us < hour_us + kHourUs);
}

Result<> read_spans(Connection& connection, std::span<const std::int64_t> boundaries_us,
                    const Spans& spans, Parts& into) {
  if (spans.series.empty()) return {};
  // The range of all spans lets PostgreSQL leave out partitions.
  const std::int64_t from_us = *std::min_element(spans.from_us.begin(), spans.from_us.end());
  const std::int64_t to_us = *std::max_element(spans.to_us.begin(), spans.to_us.end());
  MW_ASSIGN(
      const Rows rows,
      connection.query(
          "SELECT v.series, width_bucket(v.at_us, $4::bigint[])::bigint AS bucket, count(*), "
          "min(value), max(value), CASE WHEN max(abs(value)) < 1e290 "
          "THEN sum(value) FILTER (WHERE abs(value) < 1e290) END, (array_agg(value ORDER BY "
          "at_us))[1], "
          "(array_agg(value ORDER BY at_us DESC))[1], min(at_us), max(at_us) "
          "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (series, from_us, to_us) "
          "JOIN numeric_scalar_values v ON v.series = s.series AND v.at_us >= s.from_us "
          "AND v.at_us < s.to_us WHERE v.at_us >= $5 AND v.at_us < $6 GROUP BY v.series, bucket",
          spans.series, spans.from_us, spans.to_us, boundaries_us, from_us, to_us));
  merge_rows(into, rows);
  return {};
}

Result<> read_hours(Connection& connection, const std::vector<std::int64_t>& series,
                    std::span<const std::int64_t> boundaries_us, TimeRange hours, Parts& into) {
  MW_ASSIGN(
      const Rows rows,
      connection.query(
          "SELECT series, width_bucket(hour_us, $2::bigint[])::bigint AS bucket, "
          "sum(count)::bigint, min(min), max(max), sum(sum), "
          "(array_agg(first ORDER BY hour_us))[1], (array_agg(last ORDER BY hour_us DESC))[1], "
          "min(hour_us), max(hour_us) FROM hourly h "
          "WHERE series = ANY($1) AND hour_us >= $3 AND hour_us < $4 AND sum IS NOT NULL "
          "AND width_bucket(hour_us, $2::bigint[]) = "
          "width_bucket(hour_us + 3599999999, $2::bigint[]) "
          "AND NOT EXISTS (SELECT FROM stale_hours s WHERE s.series = h.series "
          "AND s.hour_us = h.hour_us) GROUP BY series, bucket",
          series, boundaries_us, hours.start_us, hours.end_us));
  merge_rows(into, rows);
  return {};
}

/// Hours of these series that are not, or cannot be, rolled up.
Result<Rows> hours_to_read(Connection& connection, const std::vector<std::int64_t>& series,
                           TimeRange hours) {
  return connection.query(
      "SELECT series, hour_us FROM stale_hours "
      "WHERE series = ANY($1) AND hour_us >= $2 AND hour_us < $3 "
      "UNION SELECT series, hour_us FROM hourly "
      "WHERE series = ANY($1) AND hour_us >= $2 AND hour_us < $3 AND sum IS NULL",
      series, hours.start_us, hours.end_us);
}

}  // namespace

Result<FilledBuckets> filled_buckets(Connection& connection,
                                     const std::vector<std::int64_t>& series,
                                     std::span<const std::int64_t> boundaries_us) {
  MW_ASSIGN(const std::int64_t through_us, rolled_up_through(connection));
  HourGrid grid = hour_grid(boundaries_us, through_us);
  const bool pays =
      grid.hours.start_us < grid.hours.end_us && grid.rest.size() * series.size() <= kMostSpans;
  if (!pays) grid.rest = {{boundaries_us.front(), boundaries_us.back()}};
  Spans spans;
  for (const std::int64_t id : series) {
    for (const TimeRange& range : grid.rest) spans.add(id, range);
  }
  Parts parts;
  if (pays) {
    MW_ASSIGN(const Rows stale, hours_to_read(connection, series, grid.hours));
    for (std::size_t i = 0; i < stale.size(); ++i) {
      const std::int64_t hour = stale.integer(i, 1);
      if (!is_in(grid.rest, hour)) spans.add(stale.integer(i, 0), {hour, hour + kHourUs});
    }
    MW_TRY(read_hours(connection, series, boundaries_us, grid.hours, parts));
  }
  MW_TRY(read_spans(connection, boundaries_us, spans, parts));
  FilledBuckets out;
  out.unsummed = std::move(parts.unsummed);
  out.buckets.reserve(parts.of.size());
  for (const auto& [place, part] : parts.of) {
    out.buckets.push_back({place.first, static_cast<std::size_t>(place.second - 1), part.bucket});
  }
  return out;
}

}  // namespace millwright::pg
