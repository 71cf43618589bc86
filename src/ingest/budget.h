#pragma once
/// How much may wait to be stored: by producer, by tenant, in all. Keeps the hub's memory bounded
/// and one tenant from taking it all. Threads: any.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/ids.h"
#include "ingest/hub.h"
#include "telemetry/telemetry.h"

namespace millwright::ingest {

class Budget {
 public:
  Budget(const HubOptions& options, telemetry::Gauge& queue_bytes);

  /// What one producer has waiting. `wake` ends a kWait; it is called without a lock held.
  class Share {
   public:
    Share(TenantId tenant, std::function<void()> wake)
        : tenant_(std::move(tenant)), wake_(std::move(wake)) {}

   private:
    friend class Budget;
    TenantId tenant_;
    std::function<void()> wake_;
    std::size_t bytes_ = 0;  // guarded by Budget::mutex_
    bool waiting_ = false;   // guarded by Budget::mutex_
  };

  struct Use {
    std::shared_ptr<Share> share;
    std::size_t bytes = 0;
  };

  /// Always takes: what has arrived is in memory already. kWait: the producer has to wait.
  Flow take(const Use& use);
  void give_back(std::span<const Use> uses);

 private:
  bool has_room(const Share& share) const;

  const HubOptions& options_;
  telemetry::Gauge& queue_bytes_;
  std::mutex mutex_;
  std::size_t total_ = 0;                        // guarded by mutex_
  std::map<TenantId, std::size_t> by_tenant_;    // guarded by mutex_
  std::vector<std::shared_ptr<Share>> waiting_;  // guarded by mutex_
};

}  // namespace millwright::ingest
