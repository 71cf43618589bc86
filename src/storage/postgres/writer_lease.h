#pragma once
/// The right to be the one process that writes a tenant.
///
/// A row in the tenant's database names the holder and a fencing number that rises whenever another
/// takes over; every transaction that writes asserts it. A holder that is gone is followed after 15
/// seconds, at once when it comes back under the same name. After Kleppmann, "How to do distributed
/// locking" (2016): a lock alone does not stop a paused holder, the number does.
/// Threads: those of the Connection; one at a time.

#include <chrono>
#include <optional>

#include "postgres/connection.h"

namespace millwright::pg {

class WriterLease {
 public:
  /// `holder`: how to reach this process, as other processes tell their callers.
  explicit WriterLease(std::string holder) : holder_(std::move(holder)) {}

  /// Inside a transaction that writes. Errors: kUnavailable naming who holds the tenant, or saying
  /// that it has moved (tenant_fence.h).
  Result<> assert_held(postgres::Connection& connection);
  /// After the transaction: what assert_held() took or renewed is there, or not.
  void committed(bool done);
  /// Lets the next one take over at once. Best effort.
  void release(postgres::Connection& connection);

 private:
  Result<> take(postgres::Connection& connection);

  const std::string holder_;
  std::optional<std::int64_t> fencing_;
  std::optional<std::int64_t> taken_;  // by the open transaction
  std::chrono::steady_clock::time_point renew_at_;
};

}  // namespace millwright::pg
