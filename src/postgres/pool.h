#pragma once
/// Connections to many databases, kept for a while after use.
///
/// All databases together keep no more than `most_idle` connections that nobody uses: tenants that
/// are idle hold none for long. Lost connections are not kept. Threads: any.

#include <list>
#include <mutex>

#include "postgres/connection.h"

namespace millwright::postgres {

class Pool {
 public:
  explicit Pool(std::size_t most_idle = 24) : most_idle_(most_idle) {}

  /// A connection, given back when the lease ends. The pool must outlive it.
  class Lease {
   public:
    Lease(Pool& pool, std::string target, std::unique_ptr<Connection> connection)
        : pool_(&pool), target_(std::move(target)), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(target_, std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::string target_;
    std::unique_ptr<Connection> connection_;
  };

  /// Errors: kUnavailable.
  Result<Lease> lease(const std::string& target);
  /// Closes those to this database that nobody uses.
  void drop(const std::string& target);

 private:
  struct Idle {
    std::string target;
    std::unique_ptr<Connection> connection;
  };
  void give_back(const std::string& target, std::unique_ptr<Connection> connection);

  const std::size_t most_idle_;
  std::mutex mutex_;
  std::list<Idle> idle_;  // guarded by mutex_; the one used last first
};

}  // namespace millwright::postgres
