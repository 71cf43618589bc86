#include "storage/sqlite/background.h"

#include <algorithm>

namespace millwright {

Background::Background() : thread_([this] { run(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<Background::Job> Background::add(Step step) {
  std::unique_ptr<Job> job(new Job(*this, std::move(step)));
  const std::lock_guard lock(mutex_);
  jobs_.push_back(job.get());
  return job;
}

Background::Job::~Job() {
  std::unique_lock lock(background_.mutex_);
  background_.jobs_.remove(this);
  background_.changed_.wait(lock, [&] { return !is_running_; });
}

void Background::Job::wake() {
  {
    const std::lock_guard lock(background_.mutex_);
    if (std::exchange(is_awake_, true)) return;
  }
  background_.changed_.notify_all();
}

Background::Job* Background::next() {
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [](const Job* job) { return job->is_awake_; });
  if (found == jobs_.end()) return nullptr;
  jobs_.splice(jobs_.end(), jobs_, found);  // the others come first next time
  return jobs_.back();
}

void Background::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    Job* const job = next();
    if (job == nullptr) {
      changed_.wait(lock);
      continue;
    }
    job->is_awake_ = false;
    job->is_running_ = true;
    lock.unlock();
    const bool more = job->step_();
    lock.lock();
    job->is_running_ = false;
    job->is_awake_ = job->is_awake_ || more;
    changed_.notify_all();
  }
}

}  // namespace millwright
