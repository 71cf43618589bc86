/// What the hub says, and what follows from it.

#include "base/log.h"
#include "base/text.h"
#include "edge/delivery.h"

namespace millwright::edge {
namespace {

namespace v1 = ::millwright::ingest::v1;

constexpr unsigned kMostNacksInARow = 3;
constexpr unsigned kMostNackedSessions = 3;
constexpr auto kUnknownMetricsPause = std::chrono::seconds(10);

bool is_named(const journal::EpochId& epoch, const std::string& bytes) {
  return bytes.size() == epoch.size() &&
         std::equal(epoch.begin(), epoch.end(), bytes.begin(),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

}  // namespace

bool Delivery::is_sent(const std::string& epoch) const { return is_named(lane_.epoch, epoch); }

/// Number after the last record that the hub may speak of.
std::uint64_t Delivery::end_of_lane() const {
  for (const journal::EpochInfo& info : journal_.epochs()) {
    if (info.epoch == lane_.epoch) return info.next_seq;
  }
  return lane_.next_seq;
}

Result<> Delivery::take(const uplink::ServerMessage& message) {
  switch (message.kind_case()) {
    case uplink::ServerMessage::kWelcome:
      return take_welcome(message.welcome());
    case uplink::ServerMessage::kAck:
      return take_ack(message.ack());
    case uplink::ServerMessage::kNack:
      take_nack(message.nack());
      return {};
    case uplink::ServerMessage::kCredit:
      credit_ = message.credit().bytes();
      return {};
    case uplink::ServerMessage::kQuarantined:
      ++counts_.quarantined_records;
      log::warning(
          "the hub cannot read a record and has kept it aside",
          {{"seq", message.quarantined().seq()}, {"reason", message.quarantined().reason()}});
      return {};
    case uplink::ServerMessage::kHeartbeat:
      hub_clock_ = message.heartbeat().clock();
      return {};
    case uplink::ServerMessage::kProblem:
      log::warning("the hub refused a message",
                   {{"code", message.problem().code()}, {"reason", message.problem().message()}});
      return {};
    case uplink::ServerMessage::KIND_NOT_SET:
      return {};  // of a newer hub
  }
  return {};
}

Result<> Delivery::take_welcome(const v1::Welcome& welcome) {
  if (state_ != State::kGreeting || welcome.epochs_size() != int(offered_.size())) {
    lose_session(unavailable("the hub's Welcome does not fit the Hello"));
    return {};
  }
  const journal::EpochInfo mine = journal_.current();
  const v1::EpochState& hub = welcome.epochs(welcome.epochs_size() - 1);
  lane_.epoch = mine.epoch;
  if (offered_.back() != mine.epoch || !is_sent(hub.epoch())) {
    lose_session(unavailable("the hub's Welcome does not speak of the offered epoch"));
    return {};
  }
  const ChainAt chain_at = [&](std::uint64_t seq) { return journal_.chain_at(lane_.epoch, seq); };
  const Resume resume =
      nacked_sessions_ < kMostNackedSessions
          ? decide_resume(mine, hub, chain_at)
          : roll_after_common_point(mine, hub, chain_at, "the hub keeps refusing the order");
  if (resume.is_roll) return roll(resume);

  lanes_.clear();
  add_replays(welcome);
  lanes_.push_back({mine.epoch, resume.next_seq, {}});
  MW_TRY(begin_lane());
  credit_ = welcome.credit_bytes();
  state_ = State::kStreaming;
  streaming_since_ = status_at_ = heartbeat_at_ = clock_.steady_now();
  nacks_in_a_row_ = 0;
  ++counts_.sessions;
  log::info("connected to the hub", {{"epoch", to_hex(lane_.epoch)},
                                     {"next_seq", resume.next_seq},
                                     {"backlog_records", mine.next_seq - resume.next_seq}});
  return {};
}

/// A hub whose database is an older one gets what it no longer has, from the oldest epoch on.
void Delivery::add_replays(const v1::Welcome& welcome) {
  const auto epochs = journal_.epochs();
  for (std::size_t i = 0; i + 1 < offered_.size(); ++i) {
    const auto info = std::find_if(epochs.begin(), epochs.end(), [&](const auto& candidate) {
      return candidate.epoch == offered_[i];
    });
    const v1::EpochState& hub = welcome.epochs(static_cast<int>(i));
    if (info == epochs.end() || !is_named(info->epoch, hub.epoch())) continue;
    if (without_replay_.contains(info->epoch)) continue;
    const ChainAt chain_at = [&](std::uint64_t seq) { return journal_.chain_at(info->epoch, seq); };
    const auto from_seq = decide_replay(*info, hub, chain_at);
    if (!from_seq) continue;
    ++counts_.replays;
    log::warning("the hub's database is an older one; an earlier epoch is sent once more",
                 {{"epoch", to_hex(info->epoch)}, {"from", *from_seq}, {"to", info->delivered}});
    lanes_.push_back({info->epoch, *from_seq, info->delivered});
  }
}

/// Goes over to the next epoch of this session.
Result<> Delivery::begin_lane() {
  lane_ = lanes_.front();
  lanes_.pop_front();
  acknowledged_ = lane_.next_seq - 1;
  return journal_.acknowledge(lane_.epoch, acknowledged_);
}

/// Begins a new epoch and says Hello again, with it among the offers.
Result<> Delivery::roll(const Resume& resume) {
  log::warning("the journal begins a new epoch", {{"reason", resume.reason},
                                                  {"old_epoch", to_hex(lane_.epoch)},
                                                  {"lost_records", resume.lost}});
  MW_TRY(journal_.start_epoch(resume.lost, resume.lost_reason, resume.undelivered_from));
  if (resume.is_forked) mover_.note_fork(lane_.epoch);
  ++counts_.rolls;
  nacked_sessions_ = refused_sessions_ = 0;
  session_.reset();
  state_ = State::kIdle;
  retry_at_ = clock_.steady_now();
  wake_();
  return {};
}

Result<> Delivery::take_ack(const v1::Ack& ack) {
  if (state_ != State::kStreaming || !is_sent(ack.epoch())) return {};
  take_refusals(ack);
  if (ack.watermark() >= end_of_lane()) {
    lose_session(unavailable("the hub acknowledged a record that does not exist"));
    return {};
  }
  if (ack.watermark() <= acknowledged_) return {};
  counts_.acknowledged_records += ack.watermark() - acknowledged_;
  acknowledged_ = ack.watermark();
  while (!in_flight_.empty() && in_flight_.front().end_seq <= acknowledged_) {
    in_flight_bytes_ -= in_flight_.front().bytes;
    in_flight_.pop_front();
  }
  lane_.next_seq = std::max(lane_.next_seq, acknowledged_ + 1);
  nacks_in_a_row_ = nacked_sessions_ = refused_sessions_ = 0;
  backoff_.succeeded();
  exhausted_backoff_.succeeded();
  MW_TRY(journal_.acknowledge(lane_.epoch, acknowledged_));
  if (lane_.last_seq && acknowledged_ >= *lane_.last_seq) return begin_lane();
  return {};
}

void Delivery::take_refusals(const v1::Ack& ack) {
  bool is_metric_unknown = false;
  for (const auto& record : ack.refusals()) {
    if (record.samples().empty()) continue;
    counts_.refused_samples += static_cast<std::uint64_t>(record.samples_size());
    const auto& first = record.samples(0);
    log::warning("the hub refused samples", {{"seq", record.seq()},
                                             {"samples", record.samples_size()},
                                             {"code", first.code()},
                                             {"reason", first.message()}});
    for (const auto& sample : record.samples()) {
      is_metric_unknown |= sample.code() == "unknown_metric" || sample.code() == "unknown_device";
    }
  }
  const Time now = clock_.steady_now();
  const bool is_told =
      told_unknown_at_ != Time::min() && now - told_unknown_at_ < kUnknownMetricsPause;
  if (is_metric_unknown && !is_told && metrics_unknown_) {
    told_unknown_at_ = now;
    metrics_unknown_();
  }
}

void Delivery::take_nack(const v1::Nack& nack) {
  if (state_ != State::kStreaming || !is_sent(nack.epoch())) return;
  ++counts_.nacks;
  log::warning("the hub expects another record",
               {{"expected", nack.expected()}, {"reason", nack.reason()}});
  const bool is_possible = nack.expected() > acknowledged_ && nack.expected() <= end_of_lane();
  if (!is_possible || ++nacks_in_a_row_ > kMostNacksInARow) {
    // A fresh Hello and Welcome tell what is different.
    if (lane_.last_seq) {
      give_up_replay();
    } else {
      ++nacked_sessions_;
    }
    lose_session(failed_precondition("the hub expects record " + std::to_string(nack.expected())));
    return;
  }
  lane_.next_seq = nack.expected();
  in_flight_.clear();
  in_flight_bytes_ = 0;
  blocked_.reset();
}

}  // namespace millwright::edge
