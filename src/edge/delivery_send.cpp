/// What is sent: batches of records, and gaps where records are missing.

#include "base/log.h"
#include "edge/delivery.h"
#include "record/record.h"

namespace millwright::edge {
namespace {

namespace v1 = ::millwright::ingest::v1;

/// A hub that calls a batch malformed gets its records one by one, and in the end without the one.
constexpr unsigned kOneByOneAfter = 3;
constexpr unsigned kLeaveOutAfter = 6;

std::string bytes_of(const journal::EpochId& epoch) { return {epoch.begin(), epoch.end()}; }

}  // namespace

Result<> Delivery::pump() {
  for (;;) {
    MW_ASSIGN(const bool more, send_next());
    if (!more) return {};
  }
}

Result<bool> Delivery::send_next() {
  if (blocked_) {
    if (!session_->send(*blocked_)) return false;
    in_flight_.push_back(blocked_size_);
    in_flight_bytes_ += blocked_size_.bytes;
    lane_.next_seq = blocked_size_.end_seq + 1;
    blocked_.reset();
    return true;
  }
  if (lane_.last_seq ? lane_.next_seq > *lane_.last_seq
                     : lane_.next_seq >= journal_.current().next_seq)
    return false;
  const std::uint64_t limit = std::min(credit_, options_.most_in_flight_bytes);
  if (!in_flight_.empty() && in_flight_bytes_ >= limit) return false;
  if (refused_sessions_ >= kLeaveOutAfter) return declare_refused_record();
  const std::size_t most = refused_sessions_ >= kOneByOneAfter ? 1 : options_.batch_bytes;
  if (most == 1 && !in_flight_.empty()) return false;
  MW_ASSIGN(auto span, journal_.read(lane_.epoch, lane_.next_seq, most));
  cut_at_end_of_replay(span);
  if (span.hole) {
    ++counts_.gaps;
    log::warning("a gap is declared", {{"from", span.hole->from_seq},
                                       {"to", span.hole->to_seq},
                                       {"records", span.hole->to_seq - span.hole->from_seq + 1},
                                       {"reason", journal::to_string(span.hole->reason)}});
    blocked_ = gap_of(*span.hole);
    blocked_size_ = {span.hole->to_seq, 0};
    return true;
  }
  if (span.records.empty()) return false;
  blocked_ = batch_of(span);
  std::uint64_t bytes = 0;
  for (const std::string& record : span.records) bytes += record.size();
  blocked_size_ = {span.first_seq + span.records.size() - 1, bytes};
  return true;
}

/// What follows in a closed epoch was moved, and comes with a later one.
void Delivery::cut_at_end_of_replay(journal::Span& span) {
  if (!lane_.last_seq || span.first_seq + span.records.size() <= *lane_.last_seq + 1) return;
  const auto chain = journal_.chain_at(lane_.epoch, *lane_.last_seq);
  if (!chain) return;  // sent once more under its old number it is no harm
  span.records.resize(*lane_.last_seq + 1 - span.first_seq);
  span.chain_end = *chain;
}

uplink::ClientMessage Delivery::batch_of(const journal::Span& span) const {
  uplink::ClientMessage message;
  v1::Batch& batch = *message.mutable_batch();
  batch.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
  batch.set_epoch(bytes_of(lane_.epoch));
  batch.set_base_seq(span.first_seq);
  std::uint32_t crc = 0;
  for (const std::string& record : span.records) {
    crc = record::crc32c(crc, record);
    batch.add_records(record);
  }
  batch.set_chain_end(span.chain_end);
  batch.set_crc32c(crc);
  return message;
}

uplink::ClientMessage Delivery::gap_of(const journal::Hole& hole) const {
  uplink::ClientMessage message;
  v1::Gap& gap = *message.mutable_gap();
  gap.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
  gap.set_epoch(bytes_of(lane_.epoch));
  gap.set_from_seq(hole.from_seq);
  gap.set_to_seq(hole.to_seq);
  gap.set_reason(std::string(journal::to_string(hole.reason)));
  gap.set_chain_end(hole.chain_end);
  if (hole.about != journal::kNoEpoch) gap.set_about_epoch(bytes_of(hole.about));
  return message;
}

/// The last way out: the record that the hub has refused again and again is declared, not sent.
Result<bool> Delivery::declare_refused_record() {
  const auto chain = journal_.chain_at(lane_.epoch, lane_.next_seq);
  journal::Hole hole{
      lane_.next_seq, lane_.next_seq, journal::HoleReason::kNone, chain.value_or(0), {}};
  log::error("a record that the hub calls malformed is left out", {{"seq", lane_.next_seq}});
  uplink::ClientMessage message = gap_of(hole);
  message.mutable_gap()->set_reason("refused_by_hub");
  ++counts_.gaps;
  blocked_ = std::move(message);
  blocked_size_ = {lane_.next_seq, 0};
  refused_sessions_ = kOneByOneAfter;
  return true;
}

}  // namespace millwright::edge
