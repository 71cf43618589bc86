#pragma once
/// The log in samples.db: what commits brought and no chunk holds yet.
///
/// A row is one batch. Rows are added in the transaction that makes the batch durable, and removed
/// a few at a time in later ones, once everything in them is in chunks. Threads: one at a time,
/// that of the Connection.

#include <algorithm>
#include <deque>
#include <functional>

#include "storage/sqlite/connection.h"
#include "storage/sqlite/log_record.h"

namespace millwright {

class SampleLog {
 public:
  /// The connection must outlive the log.
  explicit SampleLog(Connection& samples) : samples_(samples) {}

  /// Learns which rows there are.
  Result<> load();
  /// Hands every batch to `visit(id, batch)`, oldest first. A damaged row is set aside into
  /// damaged_log, named in our own log, and the others go on.
  Result<> replay(const std::function<void(std::uint64_t, const SampleBatch&)>& visit);

  /// Numbers of rows are never used again.
  void use_ids_after(std::uint64_t id) { last_id_ = std::max(last_id_, id); }
  std::uint64_t last_id() const { return last_id_; }
  bool empty() const { return rows_.empty(); }
  /// Of the oldest row; beyond every number in an empty log.
  std::uint64_t first_id() const { return rows_.empty() ? ~std::uint64_t{0} : rows_.front().id; }
  /// Inside the transaction. The row counts from published() on. Answers its number.
  Result<std::uint64_t> add(const SampleBatch& batch);
  /// Inside the transaction: removes up to `limit` rows whose number is at most `through`.
  Result<> trim(std::uint64_t through, std::size_t limit);
  /// After the commit, and after a rollback.
  void publish();
  void discard();

  std::uint64_t bytes() const { return bytes_; }
  /// The number up to which the older half of the bytes lies; 0 in an empty log.
  std::uint64_t middle() const;

 private:
  struct Row {
    std::uint64_t id = 0;
    std::size_t bytes = 0;
  };
  Result<> set_aside(std::uint64_t id, const std::string& reason);

  Connection& samples_;
  std::deque<Row> rows_;  // committed, oldest first
  std::uint64_t bytes_ = 0;
  std::uint64_t last_id_ = 0;
  std::vector<Row> added_;   // by the open transaction
  std::size_t trimmed_ = 0;  // by the open transaction
  Bytes buffer_;
};

}  // namespace millwright
