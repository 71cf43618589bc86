#pragma once
/// A connection to PostgreSQL, its statements, rows, transactions, COPY and migrations.
///
/// SQL is a literal, or built from names and numbers of our own only; statements are prepared once
/// and kept by the literal's address, so SQL that is built goes to execute() or query_built(). Rows
/// come in binary format: cast columns to bigint, double precision, text or bytea. Threads: a
/// Connection and what comes of it are used by one thread at a time. Errors: kUnavailable where the
/// server cannot be reached or the connection was lost (what a commit did is then not known),
/// kResourceExhausted where its disk or memory is full, kAlreadyExists for a key that is there,
/// otherwise kInternal, each with PostgreSQL's own words in `detail`, never with a password. What
/// SQL of our own raises (SQLSTATE MW…) is kUnavailable in its own words.

#include <memory>
#include <unordered_map>

#include "base/result.h"
#include "postgres/parameters.h"

struct pg_conn;
struct pg_result;

namespace millwright::postgres {

/// The answer to a query.
class Rows {
 public:
  explicit Rows(pg_result* result);
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool is_null(std::size_t row, int column) const;
  std::int64_t integer(std::size_t row, int column) const;  ///< bigint, integer or boolean
  double real(std::size_t row, int column) const;
  std::string text(std::size_t row, int column) const;
  /// Valid as long as the rows.
  std::string_view bytes(std::size_t row, int column) const;
  std::optional<std::int64_t> optional_integer(std::size_t row, int column) const;
  std::optional<double> optional_real(std::size_t row, int column) const;
  std::optional<std::string> optional_text(std::size_t row, int column) const;
  /// Rows that a statement changed.
  std::int64_t changed() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  std::size_t size_ = 0;
};

class Connection {
 public:
  /// `target`: a connection string or URI as libpq takes it.
  static Result<Connection> open(const std::string& target);

  /// Runs SQL without parameters; several statements may be joined by semicolons.
  Result<> execute(const std::string& sql);
  template <typename... Values>
  Result<Rows> query(const char* sql, const Values&... values) {
    Parameters parameters;
    (parameters.add(values), ...);
    return run_prepared(sql, parameters);
  }
  /// For SQL that is built at run time: it is not kept.
  Result<Rows> query_built(const std::string& sql);
  /// Answers how many rows were changed.
  template <typename... Values>
  Result<std::int64_t> run(const char* sql, const Values&... values) {
    MW_ASSIGN(const Rows rows, query(sql, values...));
    return rows.changed();
  }
  /// The first column of the first row as an integer; missing without a row or where it is NULL.
  template <typename... Values>
  Result<std::optional<std::int64_t>> integer(const char* sql, const Values&... values) {
    MW_ASSIGN(const Rows rows, query(sql, values...));
    if (rows.empty()) return std::optional<std::int64_t>();
    return rows.optional_integer(0, 0);
  }

  /// Whether it can still be used. A lost connection stays lost.
  bool is_lost() const;
  /// Whether a transaction is open, also a failed one.
  bool is_in_transaction() const;

  /// Runs each migration that was not run yet, in a transaction of its own, in their order. Several
  /// processes may do so at once: one waits for the other. `name` tells sets of migrations of one
  /// database apart. Errors: kFailedPrecondition where the database is newer.
  Result<> migrate(const char* name, std::span<const char* const> migrations);

 private:
  friend class CopyIn;
  friend Result<std::int64_t> copy_through(Connection& from, const std::string& query,
                                           Connection& to, const std::string& table);
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  explicit Connection(pg_conn* connection) : connection_(connection) {}
  Result<Rows> run_prepared(const char* sql, const Parameters& parameters);
  Result<> migrate_locked(const char* name, std::span<const char* const> migrations);
  /// Takes the result over.
  Result<Rows> take(pg_result* result) const;
  Error error_of(const pg_result* result) const;
  /// Takes all results that are left; answers how many rows the last one changed.
  Result<std::int64_t> end_of_copy() const;

  std::unique_ptr<pg_conn, Finish> connection_;
  std::unordered_map<const char*, std::string> prepared_;
};

/// BEGIN on construction; rolls back unless commit() succeeded.
class Transaction {
 public:
  /// `snapshot`: all queries see one state of the database, and nothing can be changed.
  static Result<Transaction> begin(Connection& connection, bool snapshot = false);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Errors: kUnavailable where the connection was lost: it is then not known whether it was done.
  Result<> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

/// COPY … FROM STDIN (FORMAT binary): rows in, as fast as PostgreSQL takes them.
class CopyIn {
 public:
  /// `sql` is the COPY statement. Inside a transaction.
  static Result<CopyIn> begin(Connection& connection, const char* sql);
  CopyIn(CopyIn&& other) noexcept;
  CopyIn& operator=(CopyIn&&) = delete;
  ~CopyIn();

  /// A row of bigints and doubles.
  template <typename... Values>
  Result<> row(Values... values) {
    put_be(buffer_, sizeof...(values), 2);
    (put(values), ...);
    return buffer_.size() < kFlushBytes ? Result<>() : flush();
  }
  Result<> finish();

 private:
  static constexpr std::size_t kFlushBytes = 256 * 1'024;
  explicit CopyIn(Connection& connection) : connection_(&connection) {}
  void put(std::int64_t value);
  void put(double value);
  Result<> flush();

  Connection* connection_;
  std::string buffer_;
};

}  // namespace millwright::postgres
