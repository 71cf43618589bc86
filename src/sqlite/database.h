#pragma once
/// A connection to a SQLite database, its prepared statements, transactions and migrations.
///
/// Threads: a Database and its Statements are used by one thread at a time.
/// Errors: kInternal with SQLite's own words in `detail`; kUnavailable where the file is busy or
/// full.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millwright::sqlite {

class Database;
Result<> copy_online(Database& from, const std::filesystem::path& to);

/// A prepared statement. Bind, step until it says no more, reset. Bound text and bytes must outlive
/// the step. Indexes of parameters and columns start at 0.
class Statement {
 public:
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) noexcept = default;

  template <typename... Values>
  Statement& bind_all(const Values&... values) {
    int index = 0;
    (bind(index++, values), ...);
    return *this;
  }
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  void bind(int index, std::span<const std::uint8_t> blob);
  void bind(int index, std::nullopt_t);
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, std::nullopt);
    }
  }

  /// True when there is a row to read, false at the end.
  Result<bool> step();
  /// Runs a statement that gives no rows, and resets it.
  Result<> run();
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::optional<double> optional_real(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  /// Valid until the next step or reset.
  std::span<const std::uint8_t> blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// How a file is laid out. Only for files that are new: others stay as they were made.
struct FileLayout {
  int page_bytes = 4'096;           ///< power of two from 512 to 65,536
  bool incremental_vacuum = false;  ///< free pages can be given back, by PRAGMA incremental_vacuum
};

class Database {
 public:
  /// Opens or creates the file (mode 0600) in WAL mode with a busy time-out and foreign keys.
  /// synchronous=FULL: what is committed survives a power cut. Pages of new files carry checksums
  /// (checked_pages.h): what the disk spoilt is kDataLoss.
  static Result<Database> open(const std::filesystem::path& file, FileLayout layout = {});
  /// A second connection that can only read.
  static Result<Database> open_read_only(const std::filesystem::path& file);

  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  /// Runs constant SQL that gives no rows; several statements may be joined by semicolons.
  Result<> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// Rows that the newest statement changed.
  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

  /// Brings the schema from its version to migrations.size(): migration i is run in a transaction
  /// of its own when the version is below i + 1. Errors: kFailedPrecondition where the file is
  /// newer.
  Result<> migrate(std::span<const char* const> migrations);

 private:
  friend Result<> copy_online(Database& from, const std::filesystem::path& to);
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3, Close> handle_;
};

/// BEGIN IMMEDIATE on construction; rolls back unless commit() succeeded.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace millwright::sqlite
