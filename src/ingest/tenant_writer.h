#pragma once
/// The one writer of a tenant: takes what waits, in order, and stores it in groups.
///
/// Threads: put() from any thread. The rest runs on one storage thread at a time, and
/// on none when nothing waits.

#include "ingest/group_commit.h"
#include "ingest/restore_watch.h"
#include "ingest/stream_rules.h"
#include "ingest/unnumbered.h"
#include "ingest/worker_pool.h"

namespace millwright::ingest {

struct HelloItem {
  std::shared_ptr<SessionState> session;
  Hello hello;
};
struct BatchItem {
  std::shared_ptr<SessionState> session;
  RecordBatch batch;
};
struct GapItem {
  std::shared_ptr<SessionState> session;
  GapNotice gap;
};
struct UnnumberedItem {
  std::vector<UnnumberedSample> samples;
  std::function<void(std::optional<FirstRefusal>)> done;
};
/// Runs after everything before it has been committed.
struct TaskItem {
  std::function<void(TenantStore&)> task;
};
struct ForgetItem {
  DeviceId device;
};
using Item = std::variant<HelloItem, BatchItem, GapItem, UnnumberedItem, TaskItem, ForgetItem>;

/// Counts what is under way in the whole hub, so that drain() can wait for none.
class InFlight {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void remove(std::size_t by) {
    const std::lock_guard lock(mutex_);
    count_ -= by;
    if (count_ == 0) none_.notify_all();
  }
  bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, timeout, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;  // guarded by mutex_
};

class TenantWriter : public std::enable_shared_from_this<TenantWriter> {
 public:
  struct Surroundings {
    Bus& bus;
    const Clock& clock;
    const HubOptions& options;
    Counters& counters;
    Budget& budget;
    InFlight& in_flight;
    WorkerPool& pool;
    const std::atomic<bool>& is_stopping;  ///< no more upkeep
  };
  /// `log` may be missing.
  TenantWriter(std::shared_ptr<TenantStore> store, std::unique_ptr<WatermarkLog> log,
               const Surroundings& around);

  const TenantId& tenant() const { return store_->tenant(); }
  bool writes(const TenantStore& store) const { return store_.get() == &store; }
  Flow put(Item item, Budget::Use use);
  /// Whether nothing waits and nothing was put after that instant.
  bool is_idle_since(std::chrono::steady_clock::time_point instant);

 private:
  struct Waiting {
    Item item;
    Budget::Use use;
  };

  void run();
  std::vector<Waiting> take();
  void handle(Item& item);
  void handle(UnnumberedItem& item);
  /// Answers whether there is more to do at once.
  bool upkeep(bool is_idle);

  const std::shared_ptr<TenantStore> store_;
  const std::unique_ptr<WatermarkLog> log_;
  const Surroundings around_;
  EpochCursors cursors_;
  KnownDevices devices_;
  GroupCommit group_;
  StreamRules rules_;
  Unnumbered unnumbered_;
  RestoreWatch restore_watch_;
  std::chrono::steady_clock::time_point maintained_{};
  bool has_more_upkeep_ = false;

  std::mutex mutex_;
  std::deque<Waiting> inbox_;                       // guarded by mutex_
  bool is_scheduled_ = false;                       // guarded by mutex_
  std::chrono::steady_clock::time_point put_at_{};  // guarded by mutex_
};

}  // namespace millwright::ingest
