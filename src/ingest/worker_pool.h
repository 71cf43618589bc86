#pragma once
/// A few threads that run tasks in the order of their arrival. Threads: post() from any.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace millwright::ingest {

class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  /// Runs what was posted, and what that posts, then ends.
  ~WorkerPool();
  void post(std::function<void()> task);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  unsigned running_ = 0;                     // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace millwright::ingest
