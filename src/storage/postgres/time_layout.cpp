#include "storage/postgres/time_layout.h"

#include <algorithm>
#include <limits>

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;
using postgres::Transaction;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kFirstDay = 0;
constexpr std::int64_t kLastDay = 84'005;  // 2200-01-01
constexpr std::int64_t kDaysAhead = 3;

constexpr const char* kCreate = R"sql(
CREATE TABLE numeric_scalar_values (
  series bigint NOT NULL, at_us bigint NOT NULL, value double precision NOT NULL))sql";

std::int64_t day_of(std::int64_t at_us) {
  return at_us >= 0 ? at_us / kDayUs : (at_us + 1) / kDayUs - 1;
}
bool has_partition(std::int64_t day) { return kFirstDay <= day && day < kLastDay; }

// Statements about tables take no parameters: these are built from whole numbers of our own.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();
/// Both in days or neither: the stretch that one partition or several have.
void add_spans(std::vector<TimeSpan>& out, TimeSpan of) {
  if (!has_partition(day_of(of.first_us))) {
    out.push_back(of);
    return;
  }
  for (std::int64_t at = of.first_us; at <= of.last_us; at = (day_of(at) + 1) * kDayUs) {
    out.push_back({at, std::min(of.last_us, (day_of(at) + 1) * kDayUs - 1)});
  }
}

std::string partition_name(std::int64_t day) {
  return "numeric_scalar_values_d" + std::to_string(day);
}

Result<std::set<std::int64_t>> days_with_partition(Connection& connection) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT substr(c.relname, 24)::bigint FROM pg_inherits i "
                             "JOIN pg_class c ON c.oid = i.inhrelid "
                             "JOIN pg_class p ON p.oid = i.inhparent "
                             "WHERE p.relname = 'numeric_scalar_values' "
                             "AND c.relname ~ '^numeric_scalar_values_d[0-9]+$'"));
  std::set<std::int64_t> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.insert(rows.integer(i, 0));
  return out;
}

}  // namespace

Result<ServerFacts> server_facts(Connection& connection) {
  ServerFacts out;
  MW_ASSIGN(const Rows version, connection.query("SELECT current_setting('server_version')"));
  out.version = version.text(0, 0);
  out.version = out.version.substr(0, out.version.find(' '));
  MW_ASSIGN(const Rows extension,
            connection.query("SELECT extversion, coalesce(current_setting('timescaledb.license', "
                             "true), '') FROM pg_extension WHERE extname = 'timescaledb'"));
  if (!extension.empty()) {
    out.timescale = extension.text(0, 0);
    out.license = extension.text(0, 1);
  }
  return out;
}

std::string to_words(const ServerFacts& facts) {
  std::string out = "PostgreSQL " + facts.version;
  if (facts.has_timescale()) out += ", TimescaleDB " + facts.timescale + " (" + facts.license + ")";
  return out;
}

Result<> TimeLayout::open(Connection& connection) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const Rows table,
            connection.query("SELECT relkind::text FROM pg_class WHERE relname = "
                             "'numeric_scalar_values' AND relnamespace = 'public'::regnamespace"));
  if (table.empty()) MW_TRY(create(connection));
  return open_locked(connection);
}

Result<> TimeLayout::open_locked(Connection& connection) {
  MW_ASSIGN(const std::optional<std::int64_t> partitioned,
            connection.integer("SELECT 1::bigint FROM pg_class WHERE relname = "
                               "'numeric_scalar_values' AND relkind = 'p'"));
  is_hypertable_ = !partitioned;
  MW_ASSIGN(days_, days_with_partition(connection));
  return {};
}

Result<> TimeLayout::create(Connection& connection) {
  MW_ASSIGN(const std::optional<std::int64_t> available,
            connection.integer("SELECT 1::bigint FROM pg_available_extensions WHERE name = "
                               "'timescaledb' AND "
                               "current_setting('shared_preload_libraries') LIKE '%timescaledb%'"));
  if (available) MW_TRY(connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb"));
  MW_ASSIGN(const ServerFacts facts, server_facts(connection));
  MW_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // Two processes may open a new database at once: one makes the table.
  MW_TRY(connection.execute("SELECT pg_advisory_xact_lock(7046029254386353132)"));
  MW_ASSIGN(const std::optional<std::int64_t> known,
            connection.integer("SELECT 1::bigint FROM pg_class WHERE relname = "
                               "'numeric_scalar_values'"));
  if (known) return transaction.commit();
  const std::string create = kCreate;
  if (facts.has_timescale()) {
    MW_TRY(connection.execute(create + "; SELECT create_hypertable('numeric_scalar_values', "
                                       "'at_us', chunk_time_interval => 86400000000, "
                                       "create_default_indexes => false);"));
    if (facts.can_compress()) {
      MW_TRY(connection.execute(
          "CREATE FUNCTION millwright_now_us() RETURNS bigint LANGUAGE sql STABLE AS "
          "'SELECT (extract(epoch FROM now()) * 1000000)::bigint';"
          "SELECT set_integer_now_func('numeric_scalar_values', 'millwright_now_us');"
          "ALTER TABLE numeric_scalar_values SET (timescaledb.compress, "
          "timescaledb.compress_segmentby = 'series', timescaledb.compress_orderby = 'at_us');"
          "SELECT add_compression_policy('numeric_scalar_values', 7 * 86400000000::bigint);"));
    }
  } else {
    MW_TRY(connection.execute(create + " PARTITION BY RANGE (at_us); "
                                       "CREATE TABLE numeric_scalar_values_default "
                                       "PARTITION OF numeric_scalar_values DEFAULT;"));
  }
  MW_TRY(
      connection.execute("CREATE UNIQUE INDEX numeric_scalar_values_by_series "
                         "ON numeric_scalar_values (series, at_us)"));
  return transaction.commit();
}

Result<> TimeLayout::prepare(Connection& connection, std::span<const std::int64_t> at_us) {
  const std::lock_guard lock(mutex_);
  if (is_hypertable_) return {};
  std::int64_t last = -1;
  for (const std::int64_t at : at_us) {
    const std::int64_t day = day_of(at);
    if (day == last || !has_partition(day)) continue;
    last = day;
    if (!days_.contains(day)) MW_TRY(add_day(connection, day));
  }
  return {};
}

Result<> TimeLayout::add_day(Connection& connection, std::int64_t day) {
  const std::string name = partition_name(day);
  MW_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // Another process may make the same one.
  MW_TRY(connection.execute("SELECT pg_advisory_xact_lock(7046029254386353132)"));
  MW_ASSIGN(const std::optional<std::int64_t> known,
            connection.integer("SELECT 1::bigint FROM pg_class WHERE relname = $1", name));
  if (!known) {
    MW_TRY(connection.execute("CREATE TABLE " + name +
                              " PARTITION OF numeric_scalar_values "
                              "FOR VALUES FROM (" +
                              std::to_string(day * kDayUs) + ") TO (" +
                              std::to_string((day + 1) * kDayUs) + ")"));
  }
  MW_TRY(transaction.commit());
  days_.insert(day);
  return {};
}

Result<> TimeLayout::prepare_ahead(Connection& connection, std::int64_t now_us) {
  std::vector<std::int64_t> at_us;
  for (std::int64_t day = 0; day <= kDaysAhead; ++day) at_us.push_back(now_us + day * kDayUs);
  return prepare(connection, at_us);
}

Result<TimeRange> TimeLayout::drop_before(Connection& connection, std::int64_t before_us) {
  const std::lock_guard lock(mutex_);
  const std::int64_t before_day = std::clamp(day_of(before_us), kFirstDay, kLastDay);
  if (is_hypertable_) {
    MW_TRY(connection.query("SELECT drop_chunks('numeric_scalar_values', $1::bigint)",
                            before_day * kDayUs));
    return TimeRange{std::numeric_limits<std::int64_t>::min(), before_day * kDayUs};
  }
  // As the database says: a transaction that was rolled back may have brought days back.
  MW_ASSIGN(const std::set<std::int64_t> days, days_with_partition(connection));
  for (const std::int64_t day : days) {
    if (day >= before_day) break;
    MW_TRY(connection.execute("DROP TABLE " + partition_name(day)));
    days_.erase(day);
  }
  return TimeRange{kFirstDay * kDayUs, before_day * kDayUs};
}

Result<std::vector<TimeSpan>> TimeLayout::spans(Connection& connection) {
  const std::lock_guard lock(mutex_);
  std::vector<TimeSpan> out;
  if (!is_hypertable_) {
    out.push_back({kNever, kFirstDay * kDayUs - 1});
    for (const std::int64_t day : days_) out.push_back({day * kDayUs, (day + 1) * kDayUs - 1});
    out.push_back({kLastDay * kDayUs, kForEver});
    return out;
  }
  MW_ASSIGN(const Rows chunks,
            connection.query("SELECT range_start_integer, range_end_integer "
                             "FROM timescaledb_information.chunks "
                             "WHERE hypertable_name = 'numeric_scalar_values' ORDER BY 1"));
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const std::int64_t end = chunks.integer(i, 1);
    add_spans(out, {chunks.integer(i, 0), end == kForEver ? end : end - 1});
  }
  return out;
}

}  // namespace millwright::pg
