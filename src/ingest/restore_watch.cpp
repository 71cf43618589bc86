#include "ingest/restore_watch.h"

#include "base/log.h"

namespace millwright::ingest {
namespace {

constexpr auto kInterval = std::chrono::minutes(1);

std::string count_words(std::uint64_t records) {
  return std::to_string(records) + (records == 1 ? " record" : " records");
}

}  // namespace

RestoreWatch::RestoreWatch(TenantStore& store, WatermarkLog* log, GroupCommit& group,
                           const Clock& clock, Counters& counters, Microseconds declare_after)
    : store_(store),
      log_(log),
      group_(group),
      clock_(clock),
      counters_(counters),
      declare_after_(declare_after) {}

void RestoreWatch::look() {
  if (log_ == nullptr || has_looked_) return;
  has_looked_ = check(log_->epochs());
}

void RestoreWatch::step() {
  if (!is_missing_ || clock_.steady_now() < next_) return;
  next_ = clock_.steady_now() + kInterval;
  auto missed = log_->epochs();
  std::erase_if(missed, [](const ReachedEpoch& epoch) { return !epoch.missed_at; });
  check(missed);
}

bool RestoreWatch::check(std::span<const ReachedEpoch> epochs) {
  const auto checked = try_check(epochs);
  if (!checked) {
    log::warning("whether the tenant's database lacks records could not be found out",
                 {{"tenant", store_.tenant().str()}, {"detail", checked.error().message}});
  }
  return checked.has_value();
}

/// How far the epoch has come, or what it lacks is settled; nothing where it lacks nothing.
Result<std::optional<std::uint64_t>> RestoreWatch::lacks_after(const ReachedEpoch& epoch) {
  MW_ASSIGN(const std::optional<EpochState> state, store_.samples().epoch(epoch.epoch));
  const std::uint64_t through = std::max(state ? state->watermark : 0, epoch.settled_through);
  if (through >= epoch.watermark) return std::optional<std::uint64_t>();
  const auto device = store_.catalog().device(epoch.stream.agent);
  if (device) return std::optional(through);
  if (device.error().code != ErrorCode::kNotFound) return device.error();
  return std::optional<std::uint64_t>();  // the epochs of a device that was removed went with it
}

Result<> RestoreWatch::try_check(std::span<const ReachedEpoch> epochs) {
  bool is_missing = false;
  std::map<DeviceId, std::uint64_t> found;  // records that nobody was told of
  for (const ReachedEpoch& epoch : epochs) {
    MW_ASSIGN(const std::optional<std::uint64_t> through, lacks_after(epoch));
    if (through && !epoch.missed_at) {
      MW_TRY(log_->note_missed(epoch.epoch, clock_.now()));
      found[epoch.stream.agent] += epoch.watermark - *through;
      is_missing = true;
    } else if (through && clock_.now() - *epoch.missed_at < declare_after_) {
      is_missing = true;
    } else if (epoch.missed_at) {
      if (through) MW_TRY(declare(epoch, *through));
      MW_TRY(log_->note_missed(epoch.epoch, std::nullopt));
    }
  }
  is_missing_ = is_missing;
  for (const auto& [agent, records] : found) tell(agent, records);
  group_.commit();
  return {};
}

void RestoreWatch::tell(const DeviceId& agent, std::uint64_t records) {
  log::warning("the tenant's database lacks records that were acknowledged: it was restored",
               {{"tenant", store_.tenant().str()}, {"device", agent.str()}, {"records", records}});
  Outcome outcome;
  outcome.events.push_back(
      Event{0, agent, "restored",
            "the database is an older one and lacks " + count_words(records) +
                " of this device; its agent sends them again where it still has them, what has "
                "not come by " +
                format_utc(clock_.now() + declare_after_) + " is declared as a gap",
            clock_.now()});
  group_.add(std::move(outcome));
}

Result<> RestoreWatch::declare(const ReachedEpoch& epoch, std::uint64_t through) {
  Append append;
  append.gap = DeclaredGap{epoch.stream,   epoch.epoch, through + 1, epoch.watermark, 0,
                           kLostInRestore, clock_.now()};
  Outcome outcome;
  outcome.events.push_back(Event{0, epoch.stream.agent, "gap",
                                 count_words(epoch.watermark - through) +
                                     " that were lost when the database was restored did not come "
                                     "again: " +
                                     kLostInRestore,
                                 clock_.now()});
  Result<> stored;
  outcome.done = [&stored](Result<> result) { stored = std::move(result); };
  outcome.append = group_.add(std::move(append));
  group_.add(std::move(outcome));
  group_.commit();
  MW_TRY(stored);
  counters_.gaps.add();
  return log_->note_settled(epoch.epoch, epoch.watermark);
}

}  // namespace millwright::ingest
