#pragma once
/// Registering, changing, removing and listing devices.
///
/// Threads: any; every call blocks on the store. Each call checks the principal first. Nothing is
/// half done: what is refused leaves no trace (a claim is used up only after everything else of the
/// registration has been checked).

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "identity/identity.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

class DeviceConnections;
class StatusService;

struct Registered {
  bool is_new = false;
  /// Of a new device that is not one of the old contract; shown this once.
  std::optional<std::string> device_secret;
};

/// A change: what is missing stays as it is.
struct DeviceChange {
  std::optional<std::string> description;
  std::optional<std::string> timezone;
  std::optional<double> longitude_deg;
  std::optional<double> latitude_deg;
  std::optional<std::string> city;
  std::optional<std::string> country;
};

struct Claim {
  std::string code;
  Timestamp expires_at{};
};

class DeviceService {
 public:
  /// Removes the samples of these series; must run on the tenant's writer, the only one that may
  /// change samples.
  using RemoveSeries =
      std::function<Result<>(const std::shared_ptr<TenantStore>&, const std::vector<SeriesId>&)>;

  /// Everything handed over must outlive the service.
  DeviceService(TenantDirectory& directory, Identity& identity, Bus& bus, StatusService& statuses,
                DeviceConnections& connections, const Clock& clock, RemoveSeries remove_series);

  /// Registers a device. Who may: a principal that manages devices; anybody with a valid single-use
  /// `claim` of the tenant (`principal` is then missing). A known device registered again succeeds
  /// and changes nothing, also for the device itself and for whoever brings a claim; the claim is
  /// then left as it is. Errors: kNotFound unknown tenant, kInvalidArgument, kUnauthenticated,
  /// kPermissionDenied.
  Result<Registered> register_device(const std::optional<Principal>& principal,
                                     const TenantId& tenant, Device device,
                                     const std::optional<std::string>& claim);
  /// Answers the device as it is now. Errors: kNotFound, kInvalidArgument, kPermissionDenied.
  Result<Device> update_device(const Principal& principal, const TenantId& tenant,
                               const DeviceId& device, const DeviceChange& change);
  /// Removes a device with its metrics, samples, events, secret and connection.
  Result<> remove_device(const Principal& principal, const TenantId& tenant,
                         const DeviceId& device);

  /// A device reads only itself; everybody else of the tenant reads all. Errors: kNotFound.
  Result<Device> device(const Principal& principal, const TenantId& tenant, const DeviceId& device);
  /// Ordered by identifier.
  Result<std::vector<Device>> devices(const Principal& principal, const TenantId& tenant);

  /// A single-use claim. `lifetime` 1 minute to 30 days. For those who manage devices.
  Result<Claim> create_claim(const Principal& principal, const TenantId& tenant,
                             std::chrono::seconds lifetime);
  /// A new secret; the old one and its tokens end. For administrators.
  Result<std::string> replace_secret(const Principal& principal, const TenantId& tenant,
                                     const DeviceId& device);

 private:
  Result<Registered> add(TenantStore& store, Device device, bool with_secret);
  Result<> record_event(TenantStore& store, const DeviceId& device, std::string kind,
                        std::string message);

  TenantDirectory& directory_;
  Identity& identity_;
  Bus& bus_;
  StatusService& statuses_;
  DeviceConnections& connections_;
  const Clock& clock_;
  RemoveSeries remove_series_;
  std::mutex changes_;  // an update reads, changes and writes: one at a time
};

/// kNotFound unless the principal may see this device: a device sees only itself, in the words of
/// an unknown device.
Result<> require_device_access(const Principal& principal, const DeviceId& device);

}  // namespace millwright
