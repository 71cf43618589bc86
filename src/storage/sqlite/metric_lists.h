#pragma once
/// The metrics of devices as they were last read from the catalog, so that listing a fleet's
/// metrics asks the database nothing.
///
/// Who changes a device's metrics forgets its list after the commit; a list that was read before
/// that is not remembered (the ticket is void). One process writes a catalog, so nothing else can
/// change it. Memory: about 250 bytes a metric, at most 200,000 metrics; beyond that all lists are
/// forgotten. Threads: any.

#include <mutex>
#include <unordered_map>

#include "model/metric.h"

namespace millwright {

class MetricLists {
 public:
  using List = std::shared_ptr<const std::vector<Metric>>;

  /// Missing where the device's list is not known; then read it, and remember() it with the ticket.
  struct Found {
    List list;
    std::uint64_t ticket = 0;
  };
  Found find(const DeviceId& device) const;
  void remember(const DeviceId& device, List list, std::uint64_t ticket);
  void forget(const DeviceId& device);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<DeviceId, List> lists_;  // guarded by mutex_
  std::size_t metrics_ = 0;                   // in all lists; guarded by mutex_
  std::uint64_t changes_ = 0;                 // guarded by mutex_
};

}  // namespace millwright
