#pragma once
/// A database connection that prepares each statement once, and a pool of such connections for
/// readers.
///
/// SQL is always a literal: statements are kept by its address. Threads: a Connection is used by
/// one thread at a time; a ReaderPool by any.

#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sqlite/database.h"

namespace millwright {

/// Text columns and blobs hold the same bytes; this binds a string as a blob.
inline std::span<const std::uint8_t> as_blob(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
inline std::string to_string(std::span<const std::uint8_t> blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

/// Rows of a statement that runs; resets it at the end, so that no snapshot is held longer.
class Rows {
 public:
  explicit Rows(sqlite::Statement& statement) : statement_(&statement) {}
  Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows() {
    if (statement_) statement_->reset();
  }
  Result<bool> next() { return statement_->step(); }
  const sqlite::Statement& operator*() const { return *statement_; }
  const sqlite::Statement* operator->() const { return statement_; }

 private:
  sqlite::Statement* statement_;
};

class Connection {
 public:
  explicit Connection(sqlite::Database database) : database_(std::move(database)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite::Database& database() { return database_; }

  /// Runs a statement that gives no rows.
  template <typename... Values>
  Result<> run(const char* sql, const Values&... values) {
    MW_ASSIGN(sqlite::Statement * statement, prepared(sql));
    return statement->bind_all(values...).run();
  }

  /// Rows of a query. Values that are text or bytes must outlive them.
  template <typename... Values>
  Result<Rows> query(const char* sql, const Values&... values) {
    MW_ASSIGN(sqlite::Statement * statement, prepared(sql));
    statement->bind_all(values...);
    return Rows(*statement);
  }

  /// The first column of the first row as an integer; missing without a row or where it is NULL.
  template <typename... Values>
  Result<std::optional<std::int64_t>> integer(const char* sql, const Values&... values) {
    MW_ASSIGN(Rows rows, query(sql, values...));
    MW_ASSIGN(const bool found, rows.next());
    if (!found) return std::optional<std::int64_t>();
    return rows->optional_integer(0);
  }

 private:
  Result<sqlite::Statement*> prepared(const char* sql);

  sqlite::Database database_;
  std::unordered_map<const char*, sqlite::Statement> statements_;
};

class ReaderPool {
 public:
  /// Each connection may hold that much of the file in memory.
  explicit ReaderPool(std::filesystem::path file, int cache_kib = 1'024)
      : file_(std::move(file)), cache_kib_(cache_kib) {}

  /// A connection, given back to the pool when the lease ends. The pool must outlive it.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Result<Lease> lease();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const std::filesystem::path file_;
  const int cache_kib_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

/// Several queries on one state of the database.
class Snapshot {
 public:
  static Result<Snapshot> begin(Connection& connection);
  Snapshot(Snapshot&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot();

 private:
  explicit Snapshot(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace millwright
