#include "postgres_client.h"

#include <bit>
#include <cstring>

#include "../figures.h"

namespace millwright::bench {
namespace {

constexpr std::int64_t kPostgresEpochUs = 946'684'800'000'000;  // 2000-01-01
constexpr Oid kInt4 = 23, kFloat8 = 701, kTimestamptz = 1184, kIntervalType = 1186;

/// Appends in network order.
void put(std::string& to, std::uint64_t bits, int bytes) {
  char text[8];
  for (int i = 0; i < bytes; ++i) text[i] = static_cast<char>(bits >> (8 * (bytes - 1 - i)));
  to.append(text, static_cast<std::size_t>(bytes));
}

std::uint64_t take(const char* from, int bytes) {
  std::uint64_t bits = 0;
  for (int i = 0; i < bytes; ++i) bits = bits << 8 | static_cast<unsigned char>(from[i]);
  return bits;
}

Oid type_of(const SqlValue& value) {
  constexpr Oid kTypes[] = {kInt4, kFloat8, kTimestamptz, kIntervalType};
  return kTypes[value.index()];
}

struct Encoder {
  std::string operator()(std::int32_t v) const { return one(static_cast<std::uint32_t>(v), 4); }
  std::string operator()(double v) const { return one(std::bit_cast<std::uint64_t>(v), 8); }
  std::string operator()(SqlTime v) const {
    return one(static_cast<std::uint64_t>(v.us - kPostgresEpochUs), 8);
  }
  std::string operator()(SqlInterval v) const {  // microseconds, days, months
    return one(static_cast<std::uint64_t>(v.us), 8) + std::string(8, '\0');
  }
  static std::string one(std::uint64_t bits, int bytes) {
    std::string out;
    put(out, bits, bytes);
    return out;
  }
};

}  // namespace

std::int64_t SqlRows::int64(int row, int column) const {
  const int bytes = PQgetlength(result_.get(), row, column);
  if (bytes != 8) fail("an answer has a column that is no 64-bit integer");
  return static_cast<std::int64_t>(take(PQgetvalue(result_.get(), row, column), 8));
}

double SqlRows::float64(int row, int column) const {
  return std::bit_cast<double>(int64(row, column));
}

PostgresClient::PostgresClient(const std::string& connection)
    : connection_(PQconnectdb(connection.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail_here();
}

void PostgresClient::fail_here() const {
  fail(std::string("PostgreSQL: ") + PQerrorMessage(connection_.get()));
}

SqlRows PostgresClient::rows(PGresult* result) const {
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail_here();
  return SqlRows(result);
}

void PostgresClient::run(const std::string& sql) { rows(PQexec(connection_.get(), sql.c_str())); }

SqlRows PostgresClient::query(const std::string& sql) {
  return rows(
      PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
}

void PostgresClient::prepare(const std::string& name, const std::string& sql,
                             const std::vector<SqlValue>& like) {
  std::vector<Oid> types;
  for (const SqlValue& value : like) types.push_back(type_of(value));
  rows(PQprepare(connection_.get(), name.c_str(), sql.c_str(), static_cast<int>(types.size()),
                 types.data()));
}

SqlRows PostgresClient::execute(const std::string& name, const std::vector<SqlValue>& parameters) {
  std::vector<std::string> encoded;
  for (const SqlValue& value : parameters) encoded.push_back(std::visit(Encoder{}, value));
  std::vector<const char*> texts;
  std::vector<int> lengths;
  const std::vector<int> formats(encoded.size(), 1);
  for (const std::string& text : encoded) {
    texts.push_back(text.data());
    lengths.push_back(static_cast<int>(text.size()));
  }
  return rows(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(texts.size()),
                             texts.data(), lengths.data(), formats.data(), 1));
}

void PostgresClient::begin_copy() {
  PGresult* result =
      PQexec(connection_.get(), "COPY samples (series, ts, value) FROM STDIN (FORMAT binary)");
  if (PQresultStatus(result) != PGRES_COPY_IN) fail_here();
  PQclear(result);
  std::string header("PGCOPY\n\377\r\n\0", 11);
  header.append(8, '\0');
  send(header);
}

void PostgresClient::copy(const SampleBatch& batch) {
  buffer_.clear();
  batch.each_run([&](SeriesId series, auto at_us, auto value) {
    for (std::size_t i = 0; i < at_us.size(); ++i) {
      put(buffer_, 3, 2);
      put(buffer_, 4, 4);
      put(buffer_, static_cast<std::uint64_t>(series), 4);
      put(buffer_, 8, 4);
      put(buffer_, static_cast<std::uint64_t>(at_us[i] - kPostgresEpochUs), 8);
      put(buffer_, 8, 4);
      put(buffer_, std::bit_cast<std::uint64_t>(value[i]), 8);
    }
  });
  send(buffer_);
}

void PostgresClient::end_copy() {
  send(std::string(2, '\377'));
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail_here();
  rows(PQgetResult(connection_.get()));
  if (PQgetResult(connection_.get()) != nullptr) fail_here();
}

void PostgresClient::send(const std::string& bytes) {
  if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
    fail_here();
  }
}

}  // namespace millwright::bench
