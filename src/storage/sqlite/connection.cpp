#include "storage/sqlite/connection.h"

#include "base/log.h"

namespace millwright {
namespace {
constexpr std::size_t kIdleReaders = 4;
}

Result<sqlite::Statement*> Connection::prepared(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  MW_ASSIGN(sqlite::Statement statement, database_.prepare(sql));
  return &statements_.emplace(sql, std::move(statement)).first->second;
}

Result<ReaderPool::Lease> ReaderPool::lease() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
  }
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open_read_only(file_));
  // A pragma takes no parameters; the number is our own.
  MW_TRY(database.execute(("PRAGMA cache_size=-" + std::to_string(cache_kib_)).c_str()));
  return Lease(*this, std::make_unique<Connection>(std::move(database)));
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(connection));
}

Result<Snapshot> Snapshot::begin(Connection& connection) {
  MW_TRY(connection.run("BEGIN"));
  return Snapshot(connection);
}

Snapshot::~Snapshot() {
  if (!connection_) return;
  if (const auto ended = connection_->run("COMMIT"); !ended) {
    log::error("a read snapshot did not end", {{"detail", ended.error().detail}});
  }
}

}  // namespace millwright
