#pragma once
/// Statuses of devices: what they report, and offline by itself after 20 s of silence.
///
/// A change is an event with a time in the tenant's catalog and a StatusChanged on the bus; a
/// repeated status only moves the latest activity.
///
/// Threads: any. One lock serialises the changes, so that the watchdog and a report that arrive
/// together leave status and events in one order. Both block on the store.

#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

class StatusService {
 public:
  static constexpr std::chrono::seconds kSilence{20};
  static constexpr std::chrono::minutes kMostAhead{5};

  /// Everything handed over must outlive the service.
  StatusService(TenantDirectory& directory, Bus& bus, const Clock& clock);

  /// Gives every device that was online (or in error) when the server stopped the same 20 s.
  /// Call it once at the start, before the first tick().
  Result<> start();

  /// A device says how it is; `at` is its own time and becomes the time of the event.
  /// Errors: kNotFound for an unknown tenant or device, kPermissionDenied where the principal may
  /// not speak for the device, kInvalidArgument for a time before 1970 or more than 5 minutes
  /// ahead.
  Result<> report(const Principal& principal, const TenantId& tenant, const DeviceId& device,
                  DeviceStatus status, Timestamp at);

  /// The watchdog; call it about once a second.
  void tick();

  /// The device was removed: it is watched no longer.
  void forget(const TenantId& tenant, const DeviceId& device);

 private:
  using Steady = std::chrono::steady_clock::time_point;
  using Key = std::pair<TenantId, DeviceId>;

  Result<> change(TenantStore& store, const DeviceId& device, DeviceStatus status, Timestamp at,
                  bool alive, const std::string& why);

  TenantDirectory& directory_;
  Bus& bus_;
  const Clock& clock_;
  std::mutex mutex_;               // guards watched_ and the order of changes
  std::map<Key, Steady> watched_;  // when a device that is not offline last reported
};

}  // namespace millwright
