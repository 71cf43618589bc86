#pragma once
/// The hub: takes records from edge agents and makes each durable exactly once before it answers.
///
/// Each tenant has one writer. Whatever waits in its inbox is stored in one transaction (group
/// commit); then the answers go out, then the samples go on the bus, then the device's activity is
/// noted. A tenant without traffic costs no thread. Memory is bounded by the caller's obedience to
/// one rule: when a submit answers kWait, read nothing more from that producer until on_space().
///
/// Threads: every method from any thread. Listeners and callbacks are called on a storage thread,
/// in order, and must not block.

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "base/clock.h"
#include "ingest/protocol.h"
#include "messaging/bus.h"
#include "model/principal.h"
#include "storage/tenant_directory.h"
#include "storage/watermark_log.h"
#include "telemetry/telemetry.h"

namespace millwright::ingest {

struct HubOptions {
  unsigned storage_threads = 2;
  std::size_t session_credit_bytes = 8u << 20;  ///< a producer's unanswered bytes
  std::size_t tenant_budget_bytes = 64u << 20;  ///< so that one tenant cannot starve the others
  std::size_t total_budget_bytes = 256u << 20;
  std::size_t group_bytes = 32u << 20;  ///< at most this much goes into one commit
  std::size_t group_samples = 1'000'000;
  Microseconds future_tolerance = std::chrono::minutes(5);
  /// Asked before samples are taken in: its error (kResourceExhausted while the disk is nearly
  /// full) refuses them, and the producer keeps them. Called from any thread; must not block.
  std::function<Result<>()> admit = [] { return Result<>(); };
  /// Where to note what has been acknowledged, outside of the database; missing: nowhere, and what
  /// a restored database lacks is not noticed.
  OpenWatermarkLog open_watermark_log;
  /// So long agents have time to send again what a restored database lacks; then it is a gap.
  Microseconds declare_missing_after = std::chrono::days(7);
  Microseconds idle_after = std::chrono::minutes(15);  ///< a tenant without sessions is let go
  Microseconds maintain_interval = std::chrono::seconds(1);  ///< at most so often, when idle
  Microseconds maintain_latest = std::chrono::seconds(10);   ///< at least so often, under load
};

enum class Flow {
  kContinue,  ///< send more
  kWait,      ///< nothing more until on_space()
};

/// The producer's side of a session. Calls may arrive before the submit that caused them returns.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void on_reply(Reply reply) = 0;
  /// Ends a kWait; called once for each.
  virtual void on_space() = 0;
};

/// One connection of an edge agent. Items are handled in the order of their submission.
class Session {
 public:
  virtual ~Session() = default;
  /// Once, first. Answered by Welcome, or by Closed where the device is not registered.
  virtual Flow hello(Hello hello) = 0;
  virtual Flow submit(RecordBatch batch) = 0;
  virtual Flow submit(GapNotice gap) = 0;
  /// Runs `task` on a storage thread, in its turn among the items of this tenant.
  virtual void run(std::function<void()> task) = 0;
  /// Ends the answers. What was submitted is still stored.
  virtual void close() = 0;
};

class Hub {
 public:
  /// The references must outlive the hub. Subscribes to DeviceRemoved.
  Hub(TenantDirectory& directory, Bus& bus, const Clock& clock, telemetry::Telemetry& telemetry,
      HubOptions options = {});
  /// Finishes what was submitted.
  ~Hub();

  /// A session for a device's principal. The listener is held weakly.
  /// Errors: kPermissionDenied unless the principal is a device; kNotFound for its tenant; those of
  /// HubOptions::admit, which later end the session as well.
  Result<std::shared_ptr<Session>> open_session(const Principal& principal,
                                                std::weak_ptr<SessionListener> listener);

  /// Stores samples of a producer that does not number them; `done` is called after the commit,
  /// with the first refusal if there is one. Samples before it are stored, those after it are not.
  /// A producer calls again only after `done`, so that its memory is bounded.
  /// Errors (nothing is stored, `done` is not called): kPermissionDenied, kNotFound for the tenant,
  /// those of HubOptions::admit.
  Result<> append_unnumbered(const Principal& principal, const TenantId& tenant,
                             std::vector<UnnumberedSample> samples,
                             std::function<void(std::optional<FirstRefusal>)> done);

  /// Removes these series' samples, by the tenant's writer; blocks until it is done. For the
  /// removal of a device, after TenantCatalog::remove_device.
  Result<> remove_series(const TenantId& tenant, std::span<const SeriesId> series);

  /// One bounded step of removing old samples (SampleStore::expire), by the tenant's writer, behind
  /// what waits there; blocks until it is done. Answers whether there is more.
  Result<bool> expire(const TenantId& tenant, std::span<const Expiry> expiries);

  /// Lets go of tenants that have no session and brought nothing for HubOptions::idle_after: they
  /// cost no files and no memory. To be called now and then.
  void release_idle();

  /// Runs `task` on a storage thread.
  void run(std::function<void()> task);

  /// Waits until everything that was submitted is stored and answered. Answers whether it came to
  /// that before `timeout`.
  bool drain(std::chrono::milliseconds timeout);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace millwright::ingest
