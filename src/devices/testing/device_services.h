#pragma once
/// The devices use case on the memory store, with one tenant "100000". For tests only.

#include "devices/device_connections.h"
#include "devices/device_service.h"
#include "devices/status_service.h"
#include "devices/testing/fake_identity.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "storage/memory/memory_tenant_directory.h"

namespace millwright::testing {

/// Ids that a test writes down are valid.
inline TenantId tenant(std::string_view text) { return TenantId::parse(text).value(); }
inline DeviceId device_id(std::string_view text) { return DeviceId::parse(text).value(); }

inline Principal principal(Role role, std::string_view tenant_text = "100000") {
  Principal p;
  p.role = role;
  p.tenant = tenant(tenant_text);
  p.name = std::string(to_string(role));
  return p;
}

inline Principal device_principal(std::string_view id, std::string_view tenant_text = "100000") {
  Principal p = principal(Role::kDevice, tenant_text);
  p.device = device_id(id);
  return p;
}

inline Device device(std::string_view id, std::string timezone = "Europe/Zurich") {
  return {device_id(id), "a machine", std::move(timezone),    {}, {},
          "Zurich",      "CH",        DeviceStatus::kUnknown, {}, {}};
}

struct DeviceServices {
  DeviceServices() {
    MW_CHECK(directory.create(tenant("100000")).has_value());
    MW_CHECK(directory.create(tenant("200000")).has_value());
  }

  ManualClock clock{parse_utc("2026-11-25T12:00:00Z").value()};
  MemoryTenantDirectory directory;
  InprocessBus bus;
  FakeIdentity identity;
  StatusService statuses{directory, bus, clock};
  DeviceConnections connections{clock};
  DeviceService devices{
      directory,
      identity,
      bus,
      statuses,
      connections,
      clock,
      [](const std::shared_ptr<TenantStore>& store, const std::vector<SeriesId>& series) {
        return store->samples().remove_series(series);
      }};

  std::shared_ptr<TenantStore> store(std::string_view id = "100000") {
    return directory.open_for_service(tenant(id)).value();
  }
  void add(std::string_view id) {
    MW_CHECK(devices.register_device(principal(Role::kEngineer), tenant("100000"), device(id), {})
                 .has_value());
  }
};

/// Remembers what a device would receive.
class FakeChannel final : public DeviceChannel {
 public:
  void send(std::string text) override { sent.push_back(std::move(text)); }
  void close(std::string reason) override { closed = std::move(reason); }
  std::vector<std::string> sent;
  std::optional<std::string> closed;
};

}  // namespace millwright::testing
