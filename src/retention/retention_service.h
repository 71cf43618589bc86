#pragma once
/// The retention rules of tenants, what they would remove, and its removal in the background.
///
/// A worker thread goes through all tenants once an interval. It looks for expired samples as a
/// reader and then asks the tenant's one writer, behind whatever waits there, for one bounded step
/// after the other; between steps it rests as long as the step took, so that removal never takes
/// more than half of a writer's time.
///
/// Threads: any; calls block on the store.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "model/principal.h"
#include "model/retention_rule.h"
#include "storage/tenant_directory.h"
#include "telemetry/telemetry.h"

namespace millwright {

struct RetentionOptions {
  std::chrono::hours waveforms{48};     ///< for tenants without a rule for all waveforms
  std::chrono::seconds interval{3600};  ///< between two rounds, in real time
  std::chrono::seconds first_after{60};
  std::size_t series_a_step = 256;
};

class RetentionService {
 public:
  /// One step of SampleStore::expire() on the tenant's writer; blocks until it is done.
  using Expire = std::function<Result<bool>(const TenantId&, std::span<const Expiry>)>;

  /// The references must outlive the service.
  RetentionService(TenantDirectory& directory, const Clock& clock, telemetry::Telemetry& telemetry,
                   Expire expire, RetentionOptions options = {});
  /// As stop().
  ~RetentionService();

  struct Listed {
    RetentionRule rule;
    bool is_default = false;  ///< the server's, not the tenant's own
  };
  /// In the order of their scopes, the default last. Errors: kNotFound for the tenant,
  /// kPermissionDenied for those who do not manage devices.
  Result<std::vector<Listed>> rules(const Principal& principal, const TenantId& tenant);
  /// Stores or replaces; counts from the next round on. For administrators.
  /// Errors: kNotFound (tenant, device), kPermissionDenied.
  Result<> put(const Principal& principal, const TenantId& tenant, const RetentionRule& rule);
  /// For administrators. Errors: kNotFound (tenant, rule), kPermissionDenied.
  Result<> remove(const Principal& principal, const TenantId& tenant, const RetentionScope& scope);
  /// What the next round would remove; with `supposed` as if that rule were set. For those who
  /// manage devices. Errors: kNotFound, kPermissionDenied.
  Result<Expirable> preview(const Principal& principal, const TenantId& tenant,
                            const std::optional<RetentionRule>& supposed = {});

  /// Starts the worker.
  void start();
  /// Ends it after the step under way. May be called twice.
  void stop();
  /// One round through all tenants, on the calling thread. A tenant that fails is logged, counted
  /// and tried again in the next round. Ends early where `stop` asks for it.
  void run_round(const std::stop_token& stop = {});

 private:
  Result<Expirable> expire_tenant(const TenantId& tenant, const std::stop_token& stop);
  /// Answers whether nothing is left.
  Result<bool> expire_slice(const TenantId& tenant, std::span<const Expiry> slice,
                            const std::stop_token& stop);
  /// Sleeps; shorter where `stop` asks for it.
  void rest(const std::stop_token& stop, std::chrono::steady_clock::duration time);

  TenantDirectory& directory_;
  const Clock& clock_;
  const Expire expire_;
  const RetentionOptions options_;
  telemetry::Counter& removed_samples_;
  telemetry::Counter& removed_bytes_;
  telemetry::Counter& failures_;

  std::mutex resting_;
  std::condition_variable_any wake_;  // with resting_
  std::jthread worker_;
};

/// What expires of a tenant by its rules and the default. For RetentionService and the command
/// line.
Result<std::vector<Expiry>> tenant_expiries(TenantCatalog& catalog, const RetentionRule& preset,
                                            Timestamp now,
                                            const std::optional<RetentionRule>& supposed = {});

/// "will delete 12.4 GB, all before 2026-01-01", "would delete nothing".
std::string preview_words(const Expirable& found);

}  // namespace millwright
