#include "sqlite/database.h"

#include <sys/stat.h>

#include "base/log.h"
#include "sqlite/checked_pages.h"

namespace millwright::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

Error damaged(const std::string& detail) {
  return {ErrorCode::kDataLoss, "the database file is damaged; restore it from a backup", detail};
}

Error error_of(sqlite3* handle, int code) {
  const std::string detail =
      handle ? std::string(sqlite3_errmsg(handle)) + " (" + std::to_string(code) + ")"
             : sqlite3_errstr(code);
  if (code == SQLITE_IOERR_DATA) return damaged(detail);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return unavailable("the database is busy; try again", detail);
    case SQLITE_FULL:
      return {ErrorCode::kResourceExhausted, "the disk is full; free some space", detail};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(detail);
    default:
      return internal_error("the database failed; the server's log tells why", detail);
  }
}

Result<sqlite3*> open_handle(const std::filesystem::path& file, int flags) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, checked_pages());
  if (code != SQLITE_OK) {
    Error error = error_of(handle, code);
    error.message =
        "cannot open " + file.string() + "; check that the folder is there and writable";
    sqlite3_close_v2(handle);
    return error;
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return handle;
}

}  // namespace

// Statement
// -----------------------------------------------------------------------------------------

void Statement::bind(int index, std::int64_t value) {
  MW_CHECK(sqlite3_bind_int64(statement_.get(), index + 1, value) == SQLITE_OK);
}
void Statement::bind(int index, double value) {
  MW_CHECK(sqlite3_bind_double(statement_.get(), index + 1, value) == SQLITE_OK);
}
void Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL; an empty text is not that.
  const char* data = text.data() ? text.data() : "";
  MW_CHECK(sqlite3_bind_text64(statement_.get(), index + 1, data, text.size(), SQLITE_STATIC,
                               SQLITE_UTF8) == SQLITE_OK);
}
void Statement::bind(int index, std::span<const std::uint8_t> blob) {
  const void* data = blob.data() ? static_cast<const void*>(blob.data()) : "";
  MW_CHECK(sqlite3_bind_blob64(statement_.get(), index + 1, data, blob.size(), SQLITE_STATIC) ==
           SQLITE_OK);
}
void Statement::bind(int index, std::nullopt_t) {
  MW_CHECK(sqlite3_bind_null(statement_.get(), index + 1) == SQLITE_OK);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = error_of(sqlite3_db_handle(statement_.get()), code);
  sqlite3_reset(statement_.get());
  return error;
}

Result<> Statement::run() {
  auto stepped = step();
  reset();
  if (!stepped) return std::move(stepped).error();
  return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}
std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}
std::optional<double> Statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}
std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
std::span<const std::uint8_t> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

// Database
// ------------------------------------------------------------------------------------------

Result<Database> Database::open(const std::filesystem::path& file, FileLayout layout) {
  MW_ASSIGN(sqlite3 * handle, open_handle(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  Database database(handle);
  ::chmod(file.c_str(), S_IRUSR | S_IWUSR);
  int check_bytes = kPageCheckBytes;
  sqlite3_file_control(database.handle_.get(), "main", SQLITE_FCNTL_RESERVE_BYTES, &check_bytes);
  // Pragmas take no parameters; the number is our own. All three mean nothing to a file that
  // exists.
  MW_TRY(database.execute(("PRAGMA page_size=" + std::to_string(layout.page_bytes)).c_str()));
  if (layout.incremental_vacuum) MW_TRY(database.execute("PRAGMA auto_vacuum=INCREMENTAL"));
  MW_TRY(
      database.execute("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL"));
  return database;
}

Result<Database> Database::open_read_only(const std::filesystem::path& file) {
  MW_ASSIGN(sqlite3 * handle, open_handle(file, SQLITE_OPEN_READWRITE));
  Database database(handle);
  MW_TRY(database.execute("PRAGMA query_only=ON"));
  return database;
}

Result<> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(handle_.get(), code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error_of(handle_.get(), code);
  return Statement(statement);
}

Result<> Database::migrate(std::span<const char* const> migrations) {
  MW_ASSIGN(Statement query, prepare("PRAGMA user_version"));
  MW_TRY(query.step());
  const std::int64_t version = query.integer(0);
  query.reset();
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest) {
    return failed_precondition("the data was written by a newer version (schema " +
                               std::to_string(version) + ", this program knows " +
                               std::to_string(newest) + "); start the newer version");
  }
  for (std::int64_t i = version; i < newest; ++i) {
    MW_ASSIGN(Transaction transaction, Transaction::begin(*this));
    MW_TRY(execute(migrations[static_cast<std::size_t>(i)]));
    // A pragma takes no parameters; the number is our own.
    MW_TRY(execute(("PRAGMA user_version=" + std::to_string(i + 1)).c_str()));
    MW_TRY(transaction.commit());
  }
  return {};
}

// Transaction
// ---------------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(Database& database) {
  MW_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (!database_) return;
  if (const auto rolled_back = database_->execute("ROLLBACK"); !rolled_back) {
    log::error("rollback failed", {{"detail", rolled_back.error().detail}});
  }
}

Result<> Transaction::commit() {
  MW_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace millwright::sqlite
