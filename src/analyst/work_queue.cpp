#include "analyst/work_queue.h"

namespace millwright {

bool WorkQueue::put(Item item) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return false;
    if (item.samples > 0 && samples_ > 0 && samples_ + item.samples > limit_) return false;
    samples_ += item.samples;
    ++put_count_;
    items_.push_back(std::move(item));
  }
  filled_.notify_one();
  return true;
}

std::optional<WorkQueue::Item> WorkQueue::take(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (is_working_) {
    is_working_ = false;
    ++done_count_;
    done_.notify_all();
  }
  filled_.wait_for(lock, wait, [this] { return !items_.empty() || is_closed_; });
  if (items_.empty()) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  samples_ -= item.samples;
  is_working_ = true;
  return item;
}

void WorkQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  filled_.notify_all();
}

bool WorkQueue::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

std::size_t WorkQueue::samples() const {
  const std::lock_guard lock(mutex_);
  return samples_;
}

void WorkQueue::wait_until_done() {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = put_count_;
  done_.wait(lock, [&] { return done_count_ >= wanted; });
}

}  // namespace millwright
