#pragma once
/// Finds out that the tenant's database lacks what was once acknowledged, and sees to it that this
/// does not stay silent: the agents send it once more, or it is declared as a gap.
///
/// A database lacks something after it was restored from a backup. Looked for when the writer
/// starts and after a commit has failed (a server is restored under us); looked after now and then
/// until each epoch has come as far as it had, at most HubOptions::declare_missing_after (7 days),
/// since agents replay what they still hold as soon as they connect. Threads: the tenant's writer
/// only.

#include "ingest/group_commit.h"
#include "storage/watermark_log.h"

namespace millwright::ingest {

inline constexpr const char* kLostInRestore = "lost_in_restore";

class RestoreWatch {
 public:
  /// `log` may be missing: then nothing is noticed.
  RestoreWatch(TenantStore& store, WatermarkLog* log, GroupCommit& group, const Clock& clock,
               Counters& counters, Microseconds declare_after);

  /// Before the first record: compares the database with the log. Does nothing after that until
  /// look_again().
  void look();
  void look_again() { has_looked_ = false; }
  /// Between groups. Does nothing but once a minute, and only while something is missing.
  void step();

 private:
  bool check(std::span<const ReachedEpoch> epochs);
  Result<> try_check(std::span<const ReachedEpoch> epochs);
  Result<std::optional<std::uint64_t>> lacks_after(const ReachedEpoch& epoch);
  void tell(const DeviceId& agent, std::uint64_t records);
  Result<> declare(const ReachedEpoch& epoch, std::uint64_t through);

  TenantStore& store_;
  WatermarkLog* const log_;
  GroupCommit& group_;
  const Clock& clock_;
  Counters& counters_;
  const Microseconds declare_after_;
  bool has_looked_ = false;
  bool is_missing_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace millwright::ingest
