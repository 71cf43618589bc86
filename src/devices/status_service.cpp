#include "devices/status_service.h"

#include "base/log.h"
#include "base/text.h"

namespace millwright {

StatusService::StatusService(TenantDirectory& directory, Bus& bus, const Clock& clock)
    : directory_(directory), bus_(bus), clock_(clock) {}

Result<> StatusService::start() {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const std::vector<TenantId> tenants, directory_.tenants());
  for (const TenantId& tenant : tenants) {
    MW_ASSIGN(const std::shared_ptr<TenantStore> store, directory_.open_for_service(tenant));
    MW_ASSIGN(const std::vector<Device> devices, store->catalog().devices());
    for (const Device& device : devices) {
      if (device.status == DeviceStatus::kOnline || device.status == DeviceStatus::kError) {
        watched_[{tenant, device.id}] = clock_.steady_now();
      }
    }
  }
  return {};
}

Result<> StatusService::report(const Principal& principal, const TenantId& tenant,
                               const DeviceId& device, DeviceStatus status, Timestamp at) {
  MW_ASSIGN(const std::shared_ptr<TenantStore> store, directory_.open(principal, tenant));
  if (!principal.may_write_as(device)) {
    return permission_denied("'" + principal.name + "' may not send a status for device " +
                             quote(device.str()) + "; a device reports for itself");
  }
  if (at < Timestamp{}) {
    return invalid_argument("timestamp " + format_utc(at) +
                            " lies before 1970; set the device's clock");
  }
  if (at > clock_.now() + kMostAhead) {
    return invalid_argument("timestamp " + format_utc(at) +
                            " lies more than 5 minutes ahead; set the device's clock");
  }
  const std::lock_guard lock(mutex_);
  MW_TRY(change(*store, device, status, at, true, "reported by the device"));
  if (status == DeviceStatus::kOffline) {
    watched_.erase({tenant, device});
  } else {
    watched_[{tenant, device}] = clock_.steady_now();
  }
  return {};
}

Result<> StatusService::change(TenantStore& store, const DeviceId& device, DeviceStatus status,
                               Timestamp at, bool alive, const std::string& why) {
  const Timestamp now = clock_.now();
  MW_ASSIGN(const DeviceStatus before,
            store.catalog().set_status(device, status, alive ? now : at, alive));
  if (before == status) return {};
  Event event{0, device, "status_changed",
              "status changed from " + std::string(to_string(before)) + " to " +
                  std::string(to_string(status)) + ": " + why,
              at};
  MW_ASSIGN(event.id, store.catalog().append_event(event));
  bus_.publish(StatusChanged{store.tenant(), device, status, at});
  bus_.publish(EventStored{store.tenant(), event});
  return {};
}

void StatusService::tick() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  for (auto it = watched_.begin(); it != watched_.end();) {
    if (now - it->second < kSilence) {
      ++it;
      continue;
    }
    const auto& [tenant, device] = it->first;
    auto store = directory_.open_for_service(tenant);
    const Result<> changed = store ? change(**store, device, DeviceStatus::kOffline, clock_.now(),
                                            false, "no status for 20 s")
                                   : Result<>(store.error());
    if (!changed && changed.error().code != ErrorCode::kNotFound) {
      // The medium fails: the device stays watched, the next tick tries again.
      log::error("a silent device cannot be set offline", {{"tenant", tenant.str()},
                                                           {"device", device.str()},
                                                           {"error", changed.error().message},
                                                           {"detail", changed.error().detail}});
      ++it;
      continue;
    }
    it = watched_.erase(it);
  }
}

void StatusService::forget(const TenantId& tenant, const DeviceId& device) {
  const std::lock_guard lock(mutex_);
  watched_.erase({tenant, device});
}

}  // namespace millwright
