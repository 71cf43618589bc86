#include "ingest/group_commit.h"

#include "base/log.h"

namespace millwright::ingest {
namespace {

constexpr auto kActivityInterval = std::chrono::seconds(1);
constexpr auto kQuarantineEventInterval = std::chrono::minutes(1);

/// What a producer hears of a commit that failed.
Error try_again(const Error& why) {
  if (why.code == ErrorCode::kResourceExhausted) {
    return resource_exhausted(
        "the server's disk is full; connect again in 30 s and send what is not acknowledged");
  }
  return unavailable(
      "the hub could not store the records; connect again and send what is not "
      "acknowledged");
}

}  // namespace

std::size_t count_samples(const Append& append) {
  std::size_t count = append.samples.size();
  for (const SeriesWaveform& part : append.waveforms) count += part.block.value.size();
  return count;
}

GroupCommit::GroupCommit(TenantStore& store, WatermarkLog* log, EpochCursors& cursors, Bus& bus,
                         const Clock& clock, Counters& counters)
    : store_(store), log_(log), cursors_(cursors), bus_(bus), clock_(clock), counters_(counters) {}

std::size_t GroupCommit::add(Append append) {
  samples_ += count_samples(append);
  appends_.push_back(std::move(append));
  return appends_.size() - 1;
}

void GroupCommit::commit() {
  std::vector<Result<>> results;
  if (!appends_.empty()) {
    const auto start = std::chrono::steady_clock::now();
    results = store_.samples().append(appends_);
    MW_CHECK(results.size() == appends_.size());
    counters_.commit_seconds.observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    const bool all_stored =
        std::all_of(results.begin(), results.end(), [](const auto& r) { return r.has_value(); });
    if (!all_stored) cursors_.drop_all();
    has_failed_ |= std::any_of(results.begin(), results.end(),
                               [](const auto& r) { return !r && is_failure_of_medium(r.error()); });
    note_watermarks(results);
  }
  std::vector<Event> events;
  for (Outcome& outcome : outcomes_) {
    settle(outcome, results);
    std::move(outcome.events.begin(), outcome.events.end(), std::back_inserter(events));
  }
  if (!results.empty()) {
    note_activity(results);
    publish(results);
  }
  store_events(std::move(events));
  appends_.clear();
  outcomes_.clear();
  touched_.clear();
  samples_ = 0;
}

void GroupCommit::settle(Outcome& outcome, const std::vector<Result<>>& results) {
  const Result<>* failure = nullptr;
  if (outcome.append) {
    if (!results[*outcome.append]) failure = &results[*outcome.append];
  } else if (outcome.session) {
    // An answer without an append stands on the appends of its epoch before it.
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto& advance = appends_[i].advance;
      if (!results[i] && advance && advance->epoch == outcome.stored) failure = &results[i];
    }
  }
  if (failure != nullptr) {
    settle_failed(outcome, failure->error());
    return;
  }
  count(outcome);
  if (outcome.done) outcome.done({});
  if (!outcome.session) return;
  for (Reply& reply : outcome.replies) outcome.session->answer(std::move(reply));
}

// What the store holds is not guessed after a failure (a commit may have been done and its answer
// lost): it is read again.
void GroupCommit::settle_failed(Outcome& outcome, const Error& error) {
  if (error.code != ErrorCode::kAborted && error.code != ErrorCode::kOutOfRange) {
    log::error(
        "a group of records could not be stored",
        {{"tenant", store_.tenant().str()}, {"error", error.message}, {"detail", error.detail}});
  }
  if (outcome.done) outcome.done(error);
  outcome.events.clear();
  if (!outcome.session) return;
  SessionState& session = *outcome.session;
  if (error.code == ErrorCode::kAborted) {
    session.answer(Closed{error});
    return;
  }
  const auto cursor = cursors_.find(outcome.stored);
  if (!cursor) {
    session.answer(Closed{try_again(error)});
  } else if ((*cursor)->watermark >= outcome.end_seq) {
    session.answer(Ack{outcome.epoch, (*cursor)->watermark, std::move(outcome.refusals)});
  } else if (error.code == ErrorCode::kOutOfRange) {
    session.answer(Nack{outcome.epoch, (*cursor)->watermark + 1, "does not follow the watermark"});
  } else {
    session.answer(Closed{try_again(error)});
  }
}

void GroupCommit::count(const Outcome& outcome) {
  if (!outcome.append) return;
  counters_.samples_stored.add(static_cast<double>(count_samples(appends_[*outcome.append])));
  counters_.samples_quarantined.add(static_cast<double>(outcome.samples_quarantined));
  counters_.records_quarantined.add(static_cast<double>(outcome.records_quarantined));
  std::map<std::string_view, std::size_t> by_code;
  for (const RecordRefusals& record : outcome.refusals) {
    for (const SampleRefusal& sample : record.samples) ++by_code[sample.code];
  }
  for (const auto& [code, count] : by_code) counters_.refused(std::string(code), count);
}

// Before the answers, so that no acknowledged record is unknown to the log. A log that fails stops
// nothing: it matters only where the database is restored.
void GroupCommit::note_watermarks(const std::vector<Result<>>& results) {
  if (log_ == nullptr) return;
  std::vector<WatermarkLog::Reached> reached;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& advance = appends_[i].advance;
    if (results[i] && advance) {
      reached.push_back({advance->stream, advance->epoch, advance->end_seq});
    }
  }
  const auto noted = log_->note(reached);
  if (!noted && !log_failed_) {
    log::error("what was acknowledged could not be noted outside of the database",
               {{"tenant", store_.tenant().str()},
                {"error", noted.error().message},
                {"detail", noted.error().detail}});
  }
  log_failed_ = !noted;
}

void GroupCommit::note_activity(const std::vector<Result<>>& results) {
  std::set<DeviceId> active;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    for (const auto& run : appends_[i].samples.runs) {
      active.insert(touched_.at(run.series).key.device);
    }
    for (const auto& part : appends_[i].waveforms) {
      active.insert(touched_.at(part.series).key.device);
    }
  }
  const auto now = clock_.steady_now();
  for (const DeviceId& device : active) {
    const auto [noted, is_new] = noted_.try_emplace(device, now);
    if (!is_new && now - noted->second < kActivityInterval) continue;
    noted->second = now;
    const auto result = store_.catalog().record_activity(device, clock_.now());
    if (!result && result.error().code != ErrorCode::kNotFound) {
      log::warning("a device's activity could not be noted",
                   {{"device", device.str()}, {"detail", result.error().detail}});
    }
  }
}

void GroupCommit::publish(const std::vector<Result<>>& results) {
  SamplesStored message{store_.tenant(), {}, {}};
  std::unordered_map<SeriesId, std::size_t> slots;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    appends_[i].samples.each_run([&](SeriesId series, auto at_us, auto value) {
      const auto [slot, is_new] = slots.try_emplace(series, message.scalars.size());
      if (is_new) message.scalars.push_back({touched_.at(series), {}});
      SampleColumns& to = message.scalars[slot->second].samples;
      to.timestamp_us.insert(to.timestamp_us.end(), at_us.begin(), at_us.end());
      to.value.insert(to.value.end(), value.begin(), value.end());
    });
    for (SeriesWaveform& part : appends_[i].waveforms) {
      message.waveforms.push_back({touched_.at(part.series), std::move(part.block)});
    }
  }
  if (!message.scalars.empty() || !message.waveforms.empty()) bus_.publish(std::move(message));
}

void GroupCommit::store_events(std::vector<Event> events) {
  const auto now = clock_.steady_now();
  for (Event& event : events) {
    if (event.kind == "quarantined") {  // may come with every record of a faulty producer
      const auto [told, is_new] = told_.try_emplace({event.device, event.kind}, now);
      if (!is_new && now - told->second < kQuarantineEventInterval) continue;
      told->second = now;
    }
    const auto id = store_.catalog().append_event(event);
    if (!id) {
      log::warning(
          "an event could not be stored",
          {{"device", event.device.str()}, {"kind", event.kind}, {"detail", id.error().detail}});
      continue;
    }
    event.id = *id;
    bus_.publish(EventStored{store_.tenant(), std::move(event)});
  }
}

}  // namespace millwright::ingest
