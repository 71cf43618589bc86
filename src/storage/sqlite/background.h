#pragma once
/// One thread that does the housekeeping of many stores, a bounded step of each in turn.
///
/// Threads: any may register, wake and end a job; steps run one at a time on the thread.

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace millwright {

class Background {
 public:
  /// Does a bounded piece of work; answers whether there is more.
  using Step = std::function<bool()>;

  Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();

  /// A job, until it goes; its end waits for a step that is running.
  class Job {
   public:
    ~Job();
    /// Has steps run until one says that there is no more.
    void wake();

   private:
    friend class Background;
    Job(Background& background, Step step) : background_(background), step_(std::move(step)) {}
    Background& background_;
    const Step step_;
    bool is_awake_ = false;  // guarded by background_.mutex_, as all below
    bool is_running_ = false;
  };
  /// The background must outlive the job. The job sleeps until it is woken.
  std::unique_ptr<Job> add(Step step);

 private:
  void run();
  Job* next();  // with the lock held

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Job*> jobs_;  // the one that waited longest first
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace millwright
