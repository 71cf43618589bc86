#include "devices/device_service.h"

#include "base/log.h"
#include "base/text.h"
#include "devices/device_connections.h"
#include "devices/status_service.h"

namespace millwright {
namespace {

Error unknown_device(const DeviceId& device) {
  return not_found("device " + quote(device.str()) +
                   " does not exist; check the identifier or register it");
}

}  // namespace

Result<> require_device_access(const Principal& principal, const DeviceId& device) {
  if (principal.role != Role::kDevice || principal.legacy || principal.device == device) return {};
  return unknown_device(device);
}

DeviceService::DeviceService(TenantDirectory& directory, Identity& identity, Bus& bus,
                             StatusService& statuses, DeviceConnections& connections,
                             const Clock& clock, RemoveSeries remove_series)
    : directory_(directory),
      identity_(identity),
      bus_(bus),
      statuses_(statuses),
      connections_(connections),
      clock_(clock),
      remove_series_(std::move(remove_series)) {}

Result<Registered> DeviceService::register_device(const std::optional<Principal>& principal,
                                                  const TenantId& tenant, Device device,
                                                  const std::optional<std::string>& claim) {
  if (!principal && !claim) {
    return unauthenticated(
        "registering a device needs a claim, a login or the device's token; ask an engineer of "
        "the tenant for a claim and send it as 'claim'");
  }
  const bool manages = principal && principal->may_manage_devices();
  // Only a caller who brings no claim is bound to his principal's tenant: a claim names its own.
  // It is looked at before anything else, so that a guess tells neither tenants nor devices.
  const bool by_claim = claim && !manages;
  if (by_claim) MW_TRY(identity_.check_claim(tenant, *claim));
  auto opened =
      by_claim ? directory_.open_for_service(tenant) : directory_.open(*principal, tenant);
  if (!opened) return opened.error();
  TenantStore& store = **opened;
  const bool is_itself = principal && principal->may_write_as(device.id);
  if (!manages && !claim && !is_itself) MW_TRY(require_manage(*principal));

  const auto known = store.catalog().device(device.id);
  if (known) return Registered{};
  if (known.error().code != ErrorCode::kNotFound) return known.error();
  MW_TRY(validate(device));
  if (!manages) {
    if (!claim) return unknown_device(device.id);
    MW_TRY(identity_.redeem_claim(tenant, *claim));
  }
  return add(store, std::move(device), !(principal && principal->legacy));
}

Result<Registered> DeviceService::add(TenantStore& store, Device device, bool with_secret) {
  device.status = DeviceStatus::kUnknown;
  device.latest_activity.reset();
  device.registered_at = clock_.now();
  const Result<> added = store.catalog().add_device(device);
  if (!added) {
    // Somebody registered it in this moment: the same answer as for a known device.
    if (added.error().code == ErrorCode::kAlreadyExists) return Registered{};
    return added.error();
  }
  Registered registered{true, std::nullopt};
  if (with_secret) {
    auto secret = identity_.set_device_secret(store.tenant(), device.id);
    if (!secret) {
      // A device without a way to prove itself would be stuck: take it back.
      if (const auto undone = store.catalog().remove_device(device.id); !undone) {
        log::error("a device without a secret cannot be taken back",
                   {{"tenant", store.tenant().str()}, {"device", device.id.str()}});
      }
      return secret.error();
    }
    registered.device_secret = std::move(secret).value();
  }
  MW_TRY(record_event(store, device.id, "registered", "the device was registered"));
  log::info("device registered", {{"tenant", store.tenant().str()}, {"device", device.id.str()}});
  return registered;
}

Result<> DeviceService::record_event(TenantStore& store, const DeviceId& device, std::string kind,
                                     std::string message) {
  Event event{0, device, std::move(kind), std::move(message), clock_.now()};
  MW_ASSIGN(event.id, store.catalog().append_event(event));
  bus_.publish(EventStored{store.tenant(), event});
  return {};
}

Result<Device> DeviceService::update_device(const Principal& principal, const TenantId& tenant,
                                            const DeviceId& device, const DeviceChange& change) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_manage(principal));
  const std::lock_guard lock(changes_);
  MW_ASSIGN(Device changed, store->catalog().device(device));
  if (change.description) changed.description = *change.description;
  if (change.timezone) changed.timezone = *change.timezone;
  if (change.longitude_deg) changed.longitude_deg = change.longitude_deg;
  if (change.latitude_deg) changed.latitude_deg = change.latitude_deg;
  if (change.city) changed.city = *change.city;
  if (change.country) changed.country = *change.country;
  MW_TRY(validate(changed));
  MW_TRY(store->catalog().update_device(changed));
  MW_TRY(record_event(*store, device, "updated",
                      "the device's description was changed by '" + principal.name + "'"));
  return changed;
}

Result<> DeviceService::remove_device(const Principal& principal, const TenantId& tenant,
                                      const DeviceId& device) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_manage(principal));
  MW_ASSIGN(const std::vector<SeriesId> series, store->catalog().remove_device(device));
  // From here on the device is gone; what follows cleans up after it.
  statuses_.forget(tenant, device);
  const Result<> forgotten = identity_.remove_device(tenant, device);
  connections_.drop(tenant, device, "the device was removed");
  const Result<> samples = remove_series_(store, series);
  bus_.publish(DeviceRemoved{tenant, device});
  log::info("device removed",
            {{"tenant", tenant.str()}, {"device", device.str()}, {"by", principal.name}});
  if (!forgotten && forgotten.error().code != ErrorCode::kNotFound) return forgotten.error();
  return samples;
}

Result<Device> DeviceService::device(const Principal& principal, const TenantId& tenant,
                                     const DeviceId& device) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_device_access(principal, device));
  return store->catalog().device(device);
}

Result<std::vector<Device>> DeviceService::devices(const Principal& principal,
                                                   const TenantId& tenant) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_ASSIGN(std::vector<Device> all, store->catalog().devices());
  std::erase_if(all, [&](const Device& d) { return !require_device_access(principal, d.id); });
  return all;
}

Result<Claim> DeviceService::create_claim(const Principal& principal, const TenantId& tenant,
                                          std::chrono::seconds lifetime) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  // A device of the old contract manages devices, but must not bring new ones into the new one.
  if (principal.role == Role::kDevice) {
    return permission_denied("a device may not make claims; log in as an engineer");
  }
  MW_TRY(require_manage(principal));
  if (lifetime < std::chrono::minutes(1) || lifetime > std::chrono::days(30)) {
    return invalid_argument("valid_for_s " + std::to_string(lifetime.count()) +
                            " is not within 60 to 2592000 seconds");
  }
  const Timestamp expires_at = clock_.now() + lifetime;
  MW_ASSIGN(std::string code, identity_.create_claim(tenant, expires_at));
  log::info("claim created", {{"tenant", tenant.str()}, {"by", principal.name}});
  return Claim{std::move(code), expires_at};
}

Result<std::string> DeviceService::replace_secret(const Principal& principal,
                                                  const TenantId& tenant, const DeviceId& device) {
  MW_ASSIGN(const auto store, directory_.open(principal, tenant));
  MW_TRY(require_administer(principal));
  MW_TRY(store->catalog().device(device));
  MW_ASSIGN(std::string secret, identity_.set_device_secret(tenant, device));
  // Whoever holds a connection by the old secret loses it.
  connections_.drop(tenant, device, "the device's secret was replaced");
  MW_TRY(record_event(*store, device, "updated",
                      "the device's secret was replaced by '" + principal.name + "'"));
  return secret;
}

}  // namespace millwright
