#pragma once
/// The writer's lease (writer_lease.h) taken from whoever has it, and kept by a thread of its own
/// while a tenant must not be written.
///
/// Threads: any; one at a time.

#include <condition_variable>
#include <thread>

#include "postgres/connection.h"

namespace millwright::pg {

class LeaseTakeover {
 public:
  /// Waits until the transaction that the holder is in has ended. `holder` is what others are told.
  static Result<std::unique_ptr<LeaseTakeover>> begin(const std::string& target,
                                                      const std::string& holder);
  /// Lets the next one take over at once.
  ~LeaseTakeover();

  /// The lease is ours as long as the row has this number.
  std::int64_t fencing() const { return fencing_; }

 private:
  LeaseTakeover(std::string target, postgres::Connection connection, std::int64_t fencing);
  void keep(const std::stop_token& stop);
  void renew();

  const std::string target_;
  postgres::Connection connection_;  // of the thread, while it runs
  const std::int64_t fencing_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace millwright::pg
