#pragma once
/// Gathers what one transaction stores, commits it, and only then answers, publishes and notes.
///
/// Threads: the tenant's writer only.

#include "ingest/counters.h"
#include "ingest/epoch_cursor.h"
#include "ingest/series_samples.h"
#include "ingest/session_state.h"
#include "messaging/bus.h"
#include "storage/watermark_log.h"

namespace millwright::ingest {

/// What follows when an append, or the group around it, has been committed.
struct Outcome {
  std::shared_ptr<SessionState> session;  ///< none for unnumbered samples
  EpochId epoch{};                        ///< as on the wire
  EpochId stored{};                       ///< as stored
  std::uint64_t end_seq = 0;
  std::vector<Reply> replies;
  std::vector<RecordRefusals> refusals;  ///< of an append: counted, and told again if need be
  std::uint64_t samples_quarantined = 0;
  std::uint64_t records_quarantined = 0;
  std::optional<std::size_t> append;  ///< number in the group
  std::vector<Event> events;
  std::function<void(Result<>)> done;  ///< of unnumbered samples
};

class GroupCommit {
 public:
  /// `log` may be missing.
  GroupCommit(TenantStore& store, WatermarkLog* log, EpochCursors& cursors, Bus& bus,
              const Clock& clock, Counters& counters);

  /// Answers the append's number.
  std::size_t add(Append append);
  void add(Outcome outcome) { outcomes_.push_back(std::move(outcome)); }
  TouchedMetrics& touched() { return touched_; }
  std::size_t samples() const { return samples_; }

  /// Commits and leaves an empty group. After a failure the cursors are dropped and each session
  /// is told what the store really holds.
  void commit();
  /// Whether the store's medium has failed since the last call.
  bool has_failed() { return std::exchange(has_failed_, false); }

 private:
  void settle(Outcome& outcome, const std::vector<Result<>>& results);
  void settle_failed(Outcome& outcome, const Error& error);
  void count(const Outcome& outcome);
  void publish(const std::vector<Result<>>& results);
  void note_watermarks(const std::vector<Result<>>& results);
  void note_activity(const std::vector<Result<>>& results);
  void store_events(std::vector<Event> events);

  TenantStore& store_;
  WatermarkLog* const log_;
  EpochCursors& cursors_;
  Bus& bus_;
  const Clock& clock_;
  Counters& counters_;
  std::vector<Append> appends_;
  std::vector<Outcome> outcomes_;
  TouchedMetrics touched_;
  std::size_t samples_ = 0;
  bool has_failed_ = false;
  bool log_failed_ = false;  // told once, until it works again
  std::map<DeviceId, std::chrono::steady_clock::time_point> noted_;  // activity
  std::map<std::pair<DeviceId, std::string>, std::chrono::steady_clock::time_point>
      told_;  // events
};

/// Samples in an append; waveforms count each of theirs.
std::size_t count_samples(const Append& append);

}  // namespace millwright::ingest
