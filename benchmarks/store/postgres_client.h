#pragma once
/// A thin hold on one PostgreSQL connection: binary parameters, binary rows, COPY. Ends the program
/// at the first error. Threads: one at a time.

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "storage/sample_store.h"

namespace millwright::bench {

/// Microseconds since 1970.
struct SqlTime {
  std::int64_t us = 0;
};
struct SqlInterval {
  std::int64_t us = 0;
};
using SqlValue = std::variant<std::int32_t, double, SqlTime, SqlInterval>;

/// The rows of an answer, in binary form.
class SqlRows {
 public:
  explicit SqlRows(PGresult* result) : result_(result) {}
  int size() const { return PQntuples(result_.get()); }
  std::int64_t int64(int row, int column) const;
  double float64(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

class PostgresClient {
 public:
  explicit PostgresClient(const std::string& connection);

  /// Any number of statements without parameters.
  void run(const std::string& sql);
  SqlRows query(const std::string& sql);
  /// Parameters are $1, $2 ... and named by their types in `like`.
  void prepare(const std::string& name, const std::string& sql, const std::vector<SqlValue>& like);
  SqlRows execute(const std::string& name, const std::vector<SqlValue>& parameters);

  /// COPY samples FROM STDIN (FORMAT binary): begin, rows, end.
  void begin_copy();
  void copy(const SampleBatch& batch);
  void end_copy();

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  [[noreturn]] void fail_here() const;
  void send(const std::string& bytes);
  SqlRows rows(PGresult* result) const;

  std::unique_ptr<PGconn, Close> connection_;
  std::string buffer_;
};

}  // namespace millwright::bench
