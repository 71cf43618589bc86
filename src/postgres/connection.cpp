#include "postgres/connection.h"

#include <libpq-fe.h>

#include <bit>

#include "base/log.h"

namespace millwright::postgres {
namespace {

constexpr int kBinary = 1;

/// Without the line feeds that PostgreSQL's messages end with.
std::string one_line(const char* message) {
  std::string out = message == nullptr ? "" : message;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  for (char& c : out) {
    if (c == '\n') c = ' ';
  }
  return out;
}

Error error_of_state(std::string_view state, std::string detail) {
  if (state.starts_with("08") || state.starts_with("57P") || state == "25P02") {
    return unavailable("the database server is not reachable; it will be tried again", detail);
  }
  if (state.starts_with("40")) {
    return unavailable("the database was busy with a change that conflicts; try again", detail);
  }
  if (state == "53100" || state == "53200") {
    return {ErrorCode::kResourceExhausted,
            "the database server has no space left; free some space on its disk", detail};
  }
  if (state.starts_with("53")) {
    return unavailable("the database server takes no more connections; try again", detail);
  }
  if (state == "23505" || state == "42P04" || state == "42P07") {
    return {ErrorCode::kAlreadyExists, "it exists in the database already", detail};
  }
  if (state == "XX001" || state == "XX002") {
    return {ErrorCode::kDataLoss, "the database is damaged; restore it from a backup", detail};
  }
  return internal_error("the database failed; the server's log tells why", detail);
}

}  // namespace

// Rows --------------------------------------------------------------------------------------------

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

Rows::Rows(pg_result* result)
    : result_(result), size_(static_cast<std::size_t>(PQntuples(result))) {}

bool Rows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}
std::string_view Rows::bytes(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}
std::int64_t Rows::integer(std::size_t row, int column) const {
  const std::string_view value = bytes(row, column);
  const std::uint64_t word = get_be(value.data(), static_cast<int>(value.size()));
  if (value.size() == 4) return static_cast<std::int32_t>(word);
  return static_cast<std::int64_t>(word);
}
double Rows::real(std::size_t row, int column) const {
  return std::bit_cast<double>(get_be(bytes(row, column).data(), 8));
}
std::string Rows::text(std::size_t row, int column) const {
  return std::string(bytes(row, column));
}
std::optional<std::int64_t> Rows::optional_integer(std::size_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return integer(row, column);
}
std::optional<double> Rows::optional_real(std::size_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return real(row, column);
}
std::optional<std::string> Rows::optional_text(std::size_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return text(row, column);
}
std::int64_t Rows::changed() const {
  const std::string_view count = PQcmdTuples(result_.get());
  std::int64_t out = 0;
  for (const char digit : count) out = out * 10 + (digit - '0');
  return out;
}

// Connection --------------------------------------------------------------------------------------

void Connection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<Connection> Connection::open(const std::string& target) {
  // The last value of a keyword counts, so that an operator's own settings stay.
  const char* keywords[] = {"client_encoding", "application_name", "connect_timeout", "dbname",
                            nullptr};
  const char* values[] = {"UTF8", "millwright", "10", target.c_str(), nullptr};
  Connection out(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(out.connection_.get()) != CONNECTION_OK) {
    return unavailable("the database server is not reachable; check its address and that it runs",
                       one_line(PQerrorMessage(out.connection_.get())));
  }
  PQsetNoticeProcessor(
      out.connection_.get(), [](void*, const char*) {}, nullptr);
  return out;
}

Error Connection::error_of(const pg_result* result) const {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  std::string detail = one_line(PQerrorMessage(connection_.get()));
  if (is_lost() || state == nullptr) {
    return unavailable("the connection to the database was lost; it will be tried again", detail);
  }
  if (std::string_view(state).starts_with("MW")) {
    return unavailable(one_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)), detail);
  }
  return error_of_state(state, detail + " (" + state + ")");
}

Result<Rows> Connection::take(pg_result* result) const {
  Rows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
      status == PGRES_COPY_OUT) {
    return rows;
  }
  return error_of(result);
}

Result<> Connection::execute(const std::string& sql) {
  MW_TRY(take(PQexec(connection_.get(), sql.c_str())));
  return {};
}

Result<Rows> Connection::query_built(const std::string& sql) {
  return take(
      PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, kBinary));
}

Result<Rows> Connection::run_prepared(const char* sql, const Parameters& parameters) {
  const int count = static_cast<int>(parameters.size());
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    const std::string name = "s" + std::to_string(prepared_.size());
    MW_TRY(take(PQprepare(connection_.get(), name.c_str(), sql, count, parameters.types().data())));
    found = prepared_.emplace(sql, name).first;
  }
  const std::vector<const char*> values = parameters.values();
  const std::vector<int> lengths = parameters.lengths();
  const std::vector<int> formats(parameters.size(), kBinary);
  return take(PQexecPrepared(connection_.get(), found->second.c_str(), count, values.data(),
                             lengths.data(), formats.data(), kBinary));
}

Result<std::int64_t> Connection::end_of_copy() const {
  Result<std::int64_t> done = std::int64_t{0};
  while (PGresult* result = PQgetResult(connection_.get())) {
    const auto taken = take(result);
    if (!done) continue;
    done = taken ? Result<std::int64_t>(taken->changed()) : taken.error();
  }
  if (done && is_lost()) return error_of(nullptr);
  return done;
}

bool Connection::is_lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

bool Connection::is_in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Result<> Connection::migrate(const char* name, std::span<const char* const> migrations) {
  MW_TRY(execute("SELECT pg_advisory_lock(7046029254386353131)"));  // any number that is ours alone
  const Result<> done = migrate_locked(name, migrations);
  MW_TRY(execute("SELECT pg_advisory_unlock(7046029254386353131)"));
  return done;
}

Result<> Connection::migrate_locked(const char* name, std::span<const char* const> migrations) {
  MW_TRY(
      execute("CREATE TABLE IF NOT EXISTS schema_versions "
              "(name text PRIMARY KEY, version bigint NOT NULL)"));
  MW_ASSIGN(const std::optional<std::int64_t> stored,
            integer("SELECT version FROM schema_versions WHERE name = $1", name));
  const std::int64_t version = stored.value_or(0);
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest) {
    return failed_precondition("the database was written by a newer version (schema " +
                               std::to_string(version) + ", this program knows " +
                               std::to_string(newest) + "); start the newer version");
  }
  for (std::int64_t i = version; i < newest; ++i) {
    MW_ASSIGN(Transaction transaction, Transaction::begin(*this));
    MW_TRY(execute(migrations[static_cast<std::size_t>(i)]));
    MW_TRY(
        run("INSERT INTO schema_versions VALUES ($1, $2) ON CONFLICT (name) "
            "DO UPDATE SET version = $2",
            name, i + 1));
    MW_TRY(transaction.commit());
  }
  return {};
}

// Transaction -------------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(Connection& connection, bool snapshot) {
  MW_TRY(
      connection.execute(snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN"));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->is_lost()) return;
  if (const auto rolled_back = connection_->execute("ROLLBACK"); !rolled_back) {
    log::error("rollback failed", {{"detail", rolled_back.error().detail}});
  }
}

Result<> Transaction::commit() {
  Connection& connection = *std::exchange(connection_, nullptr);
  MW_TRY(connection.execute("COMMIT"));
  return {};
}

// CopyIn ------------------------------------------------------------------------------------------

Result<CopyIn> CopyIn::begin(Connection& connection, const char* sql) {
  MW_TRY(connection.take(PQexec(connection.connection_.get(), sql)));
  CopyIn out(connection);
  out.buffer_.reserve(kFlushBytes + 4'096);
  // Signature, flags and extension of the binary format (PostgreSQL manual, COPY).
  out.buffer_.append("PGCOPY\n\xFF\r\n\0", 11);
  put_be(out.buffer_, 0, 4);
  put_be(out.buffer_, 0, 4);
  return out;
}

CopyIn::CopyIn(CopyIn&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), buffer_(std::move(other.buffer_)) {}

CopyIn::~CopyIn() {
  if (connection_ == nullptr) return;
  PQputCopyEnd(connection_->connection_.get(), "given up");
  while (PGresult* result = PQgetResult(connection_->connection_.get())) PQclear(result);
}

void CopyIn::put(std::int64_t value) {
  put_be(buffer_, 8, 4);
  put_be(buffer_, static_cast<std::uint64_t>(value), 8);
}
void CopyIn::put(double value) {
  put_be(buffer_, 8, 4);
  put_be(buffer_, std::bit_cast<std::uint64_t>(value), 8);
}

Result<> CopyIn::flush() {
  const int sent = PQputCopyData(connection_->connection_.get(), buffer_.data(),
                                 static_cast<int>(buffer_.size()));
  buffer_.clear();
  if (sent != 1) return connection_->error_of(nullptr);
  return {};
}

Result<> CopyIn::finish() {
  put_be(buffer_, 0xFFFF, 2);
  MW_TRY(flush());
  Connection& connection = *std::exchange(connection_, nullptr);
  if (PQputCopyEnd(connection.connection_.get(), nullptr) != 1) return connection.error_of(nullptr);
  MW_TRY(connection.end_of_copy());
  return {};
}

}  // namespace millwright::postgres
