#include "storage/sqlite/metric_lists.h"

namespace millwright {
namespace {
constexpr std::size_t kMostMetrics = 200'000;
}

MetricLists::Found MetricLists::find(const DeviceId& device) const {
  const std::lock_guard lock(mutex_);
  const auto known = lists_.find(device);
  return {known == lists_.end() ? nullptr : known->second, changes_};
}

void MetricLists::remember(const DeviceId& device, List list, std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket != changes_) return;
  if (metrics_ + list->size() > kMostMetrics) {
    lists_.clear();
    metrics_ = 0;
  }
  const std::size_t size = list->size();
  if (lists_.try_emplace(device, std::move(list)).second) metrics_ += size;
}

void MetricLists::forget(const DeviceId& device) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  const auto known = lists_.find(device);
  if (known == lists_.end()) return;
  metrics_ -= known->second->size();
  lists_.erase(known);
}

}  // namespace millwright
