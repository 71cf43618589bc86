#pragma once
/// What a tenant's writer remembers of an epoch, so that it need not ask the store for each batch.
///
/// A cursor runs ahead of the store while a group is being built; whoever sees a commit fail drops
/// the cursors, and the next use reads the store again. Threads: the tenant's writer only.

#include <deque>
#include <map>
#include <unordered_map>

#include "ingest/protocol.h"
#include "record/record.h"
#include "storage/tenant_directory.h"

namespace millwright::ingest {

/// An epoch's name in the store: bound to its stream, so that a producer who names the epoch of
/// another one reaches nothing but an epoch of its own.
EpochId stored_epoch(const StreamKey& stream, const EpochId& epoch);

/// The mapping of a reference that means nothing: its dictionary entry was refused.
inline constexpr SeriesId kNoSeries{0};

/// What a metric reference of the epoch's dictionary means.
struct Reference {
  std::optional<Metric> metric;  ///< missing: samples with this reference are refused
  std::string code;              ///< why
  std::string message;
  /// The entry, where trying again may help: the device was not registered.
  std::optional<record::DictionaryEntry> pending;
};

struct EpochCursor {
  EpochId id{};  ///< as stored
  bool known = false;
  std::uint64_t watermark = 0;
  std::uint64_t chain = 0;
  std::uint64_t moved_through = 0;
  bool forked = false;
  std::deque<LedgerEntry> ledger;  ///< newest 64
  std::unordered_map<std::uint32_t, Reference> references;

  void advance(std::uint64_t base_seq, std::uint64_t end_seq, std::uint64_t chain_end);
};

class EpochCursors {
 public:
  explicit EpochCursors(TenantStore& store) : store_(store) {}

  /// The cursor of a stored epoch; valid until the next drop_all().
  Result<EpochCursor*> find(const EpochId& id);
  void drop_all() { cursors_.clear(); }
  /// For memory: call between groups.
  void trim();
  /// A device is gone: its references wait for it to be registered again.
  void forget_device(const DeviceId& device);

 private:
  Result<> load_references(EpochCursor& cursor);

  TenantStore& store_;
  std::map<EpochId, std::unique_ptr<EpochCursor>> cursors_;
};

/// Which devices are registered, remembered for a while: known ones until forget(), unknown ones
/// for a second.
class KnownDevices {
 public:
  KnownDevices(TenantCatalog& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}
  Result<bool> contains(const DeviceId& device);
  /// The same, but believes no memory of an unknown one: for what is seldom asked.
  Result<bool> contains_now(const DeviceId& device);
  void forget(const DeviceId& device) { known_.erase(device); }

 private:
  TenantCatalog& catalog_;
  const Clock& clock_;
  std::map<DeviceId, std::optional<std::chrono::steady_clock::time_point>> known_;  // retry at
};

}  // namespace millwright::ingest
