#pragma once
/// The rules of the protocol: what a Hello, a batch and a gap of an edge agent lead to.
///
/// Threads: the tenant's writer only. Source: docs/ingest-protocol.md.

#include "ingest/group_commit.h"
#include "ingest/unwrapped_record.h"

namespace millwright::ingest {

/// Reason of the gap after a lineage whose journal is gone.
inline constexpr const char* kJournalReplaced = "journal_replaced";

class StreamRules {
 public:
  StreamRules(TenantStore& store, EpochCursors& cursors, KnownDevices& devices, GroupCommit& group,
              const Clock& clock, Counters& counters, const HubOptions& options);

  using SessionPtr = std::shared_ptr<SessionState>;
  /// Call commit() before: a Welcome tells what is stored.
  void hello(const SessionPtr& session, Hello hello);
  void batch(const SessionPtr& session, const RecordBatch& batch);
  void gap(const SessionPtr& session, const GapNotice& gap);

 private:
  /// Where a batch or a gap stands.
  struct Place {
    StreamKey stream;
    EpochId wire{};
    EpochCursor* cursor = nullptr;
  };

  Result<> open_class(const SessionPtr& session, StreamClass stream_class);
  Result<> look_for_lost_lineage(SessionState& session, const StreamKey& stream);
  Result<WelcomeEpoch> welcome(const SessionPtr& session, const EpochOffer& offer);
  static bool differs(const EpochCursor& cursor, const EpochOffer& offer);
  Result<Place> place(const SessionPtr& session, StreamClass stream_class, const EpochId& epoch);
  Result<> apply(const SessionPtr& session, const RecordBatch& batch, const Place& place);
  Result<> apply(const SessionPtr& session, const GapNotice& gap, const Place& place);
  Result<> append(const SessionPtr& session, const RecordBatch& batch, const Place& place,
                  std::size_t known, std::uint64_t chain);
  Result<std::vector<UnwrappedRecord>> read(const RecordBatch& batch, std::size_t known) const;
  Result<> acknowledge_again(const SessionPtr& session, const Place& place, std::uint64_t from_seq,
                             std::uint64_t end_seq);
  void expect(const SessionPtr& session, const Place& place, std::uint64_t from_seq);
  Error fork(const SessionPtr& session, const Place& place);
  void declare_lost_lineage(SessionState& session, const Place& place);
  void end(const SessionPtr& session, Error error);
  Event event(const DeviceId& device, std::string kind, std::string message) const;

  TenantStore& store_;
  EpochCursors& cursors_;
  KnownDevices& devices_;
  GroupCommit& group_;
  const Clock& clock_;
  Counters& counters_;
  const HubOptions& options_;
  std::map<StreamKey, std::weak_ptr<SessionState>> holders_;  // who may write a stream
};

}  // namespace millwright::ingest
