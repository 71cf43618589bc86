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
  const auto looked = try_look();
  has_looked_ = looked.has_value();
  if (!looked) {
    log::warning("whether the tenant's database lacks records could not be found out",
                 {{"tenant", store_.tenant().str()}, {"detail", looked.error().message}});
  }
}

void RestoreWatch::step() {
  if (!is_missing_ || clock_.steady_now() < next_) return;
  next_ = clock_.steady_now() + kInterval;
  if (const auto stepped = try_step(); !stepped) {
    log::warning("what a restored database lacks could not be looked after",
                 {{"tenant", store_.tenant().str()}, {"detail", stepped.error().message}});
  }
}

Result<std::uint64_t> RestoreWatch::watermark(const EpochId& epoch) {
  MW_ASSIGN(const std::optional<EpochState> state, store_.samples().epoch(epoch));
  return state ? state->watermark : 0;
}

Result<> RestoreWatch::try_look() {
  std::map<DeviceId, std::uint64_t> missing;
  for (const ReachedEpoch& epoch : log_->epochs()) {
    MW_ASSIGN(const std::uint64_t reached, watermark(epoch.epoch));
    if (std::max(reached, epoch.settled_through) >= epoch.watermark) {
      if (epoch.missed_at) MW_TRY(log_->note_missed(epoch.epoch, std::nullopt));
      continue;
    }
    // The epochs of a device that was removed went with it.
    const auto device = store_.catalog().device(epoch.stream.agent);
    if (!device && device.error().code == ErrorCode::kNotFound) continue;
    if (!device) return device.error();
    is_missing_ = true;
    if (epoch.missed_at) continue;  // told before
    MW_TRY(log_->note_missed(epoch.epoch, clock_.now()));
    missing[epoch.stream.agent] += epoch.watermark - std::max(reached, epoch.settled_through);
  }
  for (const auto& [agent, records] : missing) {
    log::warning(
        "the tenant's database lacks records that were acknowledged: it was restored",
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
  group_.commit();
  return {};
}

Result<> RestoreWatch::try_step() {
  is_missing_ = false;
  for (const ReachedEpoch& epoch : log_->epochs()) {
    if (!epoch.missed_at) continue;
    MW_ASSIGN(const std::uint64_t reached, watermark(epoch.epoch));
    const std::uint64_t through = std::max(reached, epoch.settled_through);
    if (through < epoch.watermark && clock_.now() - *epoch.missed_at < declare_after_) {
      is_missing_ = true;
      continue;
    }
    if (through < epoch.watermark) MW_TRY(declare(epoch, through));
    MW_TRY(log_->note_missed(epoch.epoch, std::nullopt));
  }
  return {};
}

Result<> RestoreWatch::declare(const ReachedEpoch& epoch, std::uint64_t watermark) {
  Append append;
  append.gap = DeclaredGap{epoch.stream,   epoch.epoch, watermark + 1, epoch.watermark, 0,
                           kLostInRestore, clock_.now()};
  Outcome outcome;
  outcome.events.push_back(Event{0, epoch.stream.agent, "gap",
                                 count_words(epoch.watermark - watermark) +
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
