/// store.*@postgres: plain PostgreSQL with rows, on the same load and the same queries.
///
///   store_postgres_bench LOAD MINUTES FOLDER CONNECTION
///
/// FOLDER/queries.tsv is what store_bench left: the queries and the answers that must come out.
///
/// Ingest is measured on the first day of the load, two connections copying a minute to a
/// commit with the index in place. The rest is loaded without the index, which is then built anew:
/// packed tightly and the table vacuumed, PostgreSQL at its best. Each question is asked up to 50
/// times, fewer where that would take longer than half a minute, after one that is not counted.

#include <atomic>
#include <thread>

#include "../figures.h"
#include "load_file.h"
#include "postgres_client.h"
#include "queries.h"

namespace millwright::bench {
namespace {

constexpr std::int64_t kMeasuredMinutes = 1'440;
constexpr int kConnections = 2;
constexpr double kMostMs = 30'000;
constexpr std::size_t kLeastRepetitions = 5;

void make_tables(PostgresClient& client, std::size_t series_count) {
  client.run(
      "CREATE TABLE series (series int PRIMARY KEY);"
      "CREATE TABLE samples (series int NOT NULL, ts timestamptz NOT NULL, value float8 NOT NULL,"
      "  CONSTRAINT samples_key PRIMARY KEY (series, ts))");
  client.prepare("fill", "INSERT INTO series SELECT generate_series(1, $1)", {0});
  client.execute("fill", {static_cast<std::int32_t>(series_count)});
}

void measure_ingest(const LoadFile& load, const std::string& connection, std::int64_t minutes) {
  std::atomic<std::int64_t> next = 0;
  std::vector<std::unique_ptr<PostgresClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<PostgresClient>(connection));
  }
  const auto start = Steady::now();
  std::vector<std::thread> threads;
  for (const auto& client : clients) {
    threads.emplace_back([&load, &next, minutes, &client = *client] {
      SampleBatch batch;
      for (std::int64_t minute; (minute = next++) < minutes;) {
        load.read(minute, batch);
        client.begin_copy();
        client.copy(batch);
        client.end_copy();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double samples =
      static_cast<double>(minutes) * static_cast<double>(load.header().series_count());
  print_figure("store.ingest_samples_per_s@postgres", samples / ms_since(start) * 1000,
               "samples/s");
}

void load_rest(PostgresClient& client, const LoadFile& load, std::int64_t from, std::int64_t to) {
  client.run("ALTER TABLE samples DROP CONSTRAINT samples_key");
  SampleBatch batch;
  client.begin_copy();
  for (std::int64_t minute = from; minute < to; ++minute) {
    load.read(minute, batch);
    client.copy(batch);
  }
  client.end_copy();
  client.run("ALTER TABLE samples ADD CONSTRAINT samples_key PRIMARY KEY (series, ts)");
  client.run("VACUUM ANALYZE samples");
  client.run("ANALYZE series");
  client.run("CHECKPOINT");
}

void prepare_questions(PostgresClient& client) {
  client.prepare("1",
                 "SELECT l.ts, l.value FROM series s CROSS JOIN LATERAL (SELECT ts, value FROM"
                 " samples WHERE samples.series = s.series ORDER BY ts DESC LIMIT 1) l"
                 " ORDER BY s.series",
                 {});
  client.prepare("2",
                 "SELECT ts, value FROM samples WHERE series = $1 AND ts >= $2 AND ts < $3"
                 " ORDER BY ts",
                 {0, SqlTime{}, SqlTime{}});
  client.prepare("3",
                 "SELECT count(*), max(value), min(value), avg(value), date_bin($4, ts, $2) AS b"
                 " FROM samples WHERE series = $1 AND ts >= $2 AND ts < $3 GROUP BY b ORDER BY b",
                 {0, SqlTime{}, SqlTime{}, SqlInterval{}});
  client.prepare("4",
                 "SELECT count(*), avg(value), series, date_bin($5, ts, $3) AS b FROM samples"
                 " WHERE series BETWEEN $1 AND $2 AND ts >= $3 AND ts < $4"
                 " GROUP BY series, b ORDER BY series, b",
                 {0, 0, SqlTime{}, SqlTime{}, SqlInterval{}});
  client.prepare("5",
                 "SELECT sum(n)::bigint FROM series s CROSS JOIN LATERAL (SELECT count(*) AS n FROM"
                 " samples WHERE samples.series = s.series AND ts >= $3 AND ts < $4"
                 " AND value > $5) c WHERE s.series BETWEEN $1 AND $2",
                 {0, 0, SqlTime{}, SqlTime{}, 0.0});
}

std::vector<SqlValue> parameters(const Query& query) {
  const auto first = static_cast<std::int32_t>(query.first_series);
  const auto last = static_cast<std::int32_t>(query.first_series + query.series_count - 1);
  const SqlTime start{query.start_us}, end{query.end_us};
  switch (query.question) {
    case 1:
      return {};
    case 2:
      return {first, start, end};
    case 3:
      return {first, start, end, SqlInterval{query.step_us}};
    case 4:
      return {first, last, start, end, SqlInterval{query.step_us}};
    default:
      return {first, last, start, end, query.threshold};
  }
}

Answer answer_of(const Query& query, const SqlRows& rows) {
  Answer answer;
  for (int i = 0; i < rows.size(); ++i) {
    const bool is_sample = query.question <= 2;
    answer.samples += is_sample ? 1 : static_cast<std::uint64_t>(rows.int64(i, 0));
    if (query.question <= 3) answer.sum += rows.float64(i, 1);
  }
  return answer;
}

void measure_queries(PostgresClient& client, const std::vector<AnsweredQuery>& queries) {
  prepare_questions(client);
  for (int question = 1; question <= kQuestions; ++question) {
    std::vector<double> times;
    double total_ms = 0;
    bool is_warm = false;
    for (const auto& [query, expected] : queries) {
      if (query.question != question) continue;
      if (total_ms > kMostMs && times.size() >= kLeastRepetitions) break;
      const auto start = Steady::now();
      const SqlRows rows = client.execute(std::to_string(question), parameters(query));
      const double ms = ms_since(start);
      if (answer_of(query, rows) != expected) {
        fail("PostgreSQL answers question " + std::to_string(question) + " otherwise than we do");
      }
      total_ms += ms;
      if (is_warm) times.push_back(ms);
      is_warm = true;
    }
    print_figure("store.q" + std::to_string(question) + "_ms@postgres", median(times), "ms");
  }
}

void run(const LoadFile& load, std::int64_t minutes, const std::filesystem::path& folder,
         const std::string& connection) {
  const std::vector<AnsweredQuery> queries = read_queries(folder / "queries.tsv");
  PostgresClient client(connection);
  make_tables(client, load.header().series_count());
  const std::int64_t measured = std::min(minutes, kMeasuredMinutes);
  print_figure("disk.fdatasync_p50_ms@postgres", fdatasync_p50_ms(folder), "ms");
  say("PostgreSQL: ingest of " + std::to_string(measured) + " minutes, then the rest");
  measure_ingest(load, connection, measured);
  load_rest(client, load, measured, minutes);
  const double samples =
      static_cast<double>(minutes) * static_cast<double>(load.header().series_count());
  const SqlRows size = client.query("SELECT pg_total_relation_size('samples')");
  print_figure("store.bytes_per_sample@postgres", static_cast<double>(size.int64(0, 0)) / samples,
               "bytes");
  say("PostgreSQL: queries");
  measure_queries(client, queries);
}

}  // namespace
}  // namespace millwright::bench

int main(int argc, char** argv) {
  using namespace millwright::bench;
  if (argc != 5) fail("usage: store_postgres_bench LOAD MINUTES FOLDER CONNECTION");
  run(LoadFile(argv[1]), std::atoll(argv[2]), argv[3], argv[4]);
}
