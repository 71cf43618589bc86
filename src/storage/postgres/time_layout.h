#pragma once
/// How a tenant's samples lie in the database: the table numeric_scalar_values.
///
/// Plain PostgreSQL: a partition a day (UTC), made when the first sample of that day comes, and one
/// for everything outside of the years 1970 to 2200. With the TimescaleDB extension: a hypertable
/// with a chunk a day, and with its community edition compression as well. Threads: any.

#include <mutex>
#include <set>

#include "model/samples.h"
#include "postgres/connection.h"

namespace millwright::pg {

/// What the server is, for people and for choosing a layout.
struct ServerFacts {
  std::string version;    ///< of PostgreSQL, "15.18"
  std::string timescale;  ///< version of the extension; empty where it is not installed
  std::string license;    ///< "apache" or "timescale"; empty without the extension
  bool has_timescale() const { return !timescale.empty(); }
  bool can_compress() const { return license == "timescale"; }
};
Result<ServerFacts> server_facts(postgres::Connection& connection);
/// "PostgreSQL 15.18, TimescaleDB 2.19.3 (apache)".
std::string to_words(const ServerFacts& facts);

/// A stretch of time, both ends included.
struct TimeSpan {
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};

class TimeLayout {
 public:
  /// Makes the table where it is missing, and learns how it lies.
  Result<> open(postgres::Connection& connection);

  /// Makes the partitions for these samples, in transactions of their own. At most once a day.
  Result<> prepare(postgres::Connection& connection, std::span<const std::int64_t> at_us);
  /// Partitions for today and the days to come.
  Result<> prepare_ahead(postgres::Connection& connection, std::int64_t now_us);
  /// Drops the days that lie wholly before; everything there is old. Answers the range, of whole
  /// days, in which nothing is left. Part of the caller's transaction.
  Result<TimeRange> drop_before(postgres::Connection& connection, std::int64_t before_us);
  /// Where samples lie, in order and without overlap: days, and stretches that no day has.
  Result<std::vector<TimeSpan>> spans(postgres::Connection& connection);

 private:
  Result<> open_locked(postgres::Connection& connection);
  Result<> create(postgres::Connection& connection);
  Result<> add_day(postgres::Connection& connection, std::int64_t day);

  std::mutex mutex_;
  bool is_hypertable_ = false;
  std::set<std::int64_t> days_;  // with a partition; guarded by mutex_
};

}  // namespace millwright::pg
