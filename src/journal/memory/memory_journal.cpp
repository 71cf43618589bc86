#include "journal/memory/memory_journal.h"

#include "record/record.h"

namespace millwright::journal {

MemoryJournal::MemoryJournal(MemoryJournalOptions options) : options_(options) {
  Segment first;
  first.epoch = random_epoch();
  segments_.push_back(std::move(first));
}

void MemoryJournal::push(const std::string& record) {
  Segment& active = segments_.back();
  active.entries.push_back({record, record::next_chain(active.chain(), record)});
  active.bytes += record.size();
}

void MemoryJournal::begin_segment(Segment segment) {
  segments_.push_back(std::move(segment));
  if (preamble_) {
    for (const std::string& record : preamble_()) push(record);
  }
}

Result<> MemoryJournal::append(std::span<const std::string> records) {
  if (segments_.back().bytes >= options_.segment_bytes) MW_TRY(skip(0, HoleReason::kNone));
  for (const std::string& record : records) push(record);
  drop_over_budget();
  return {};
}

void MemoryJournal::drop_over_budget() {
  while (segments_.size() > 1 && usage().used_bytes > options_.budget_bytes) segments_.pop_front();
}

std::vector<EpochInfo> MemoryJournal::epochs() const {
  std::vector<EpochInfo> out;
  for (const Segment& segment : segments_) {
    if (out.empty() || out.back().epoch != segment.epoch) {
      const Progress done = progress(segment.epoch);
      out.push_back({segment.epoch, segment.previous, segment.first_seq, segment.next_seq(),
                     done.acknowledged, done.delivered.value_or(done.acknowledged)});
    }
    out.back().next_seq = segment.next_seq();
  }
  return out;
}

const MemoryJournal::Segment* MemoryJournal::find(const EpochId& epoch, std::uint64_t seq) const {
  for (const Segment& segment : segments_) {
    if (segment.epoch == epoch && seq >= segment.first_seq && seq < segment.next_seq()) {
      return &segment;
    }
  }
  return nullptr;
}

std::optional<Hole> MemoryJournal::hole_at(const EpochId& epoch, std::uint64_t seq) const {
  const std::uint64_t acknowledged = progress(epoch).acknowledged;
  for (const Segment& segment : segments_) {
    if (segment.epoch != epoch || segment.first_seq <= seq) continue;
    Hole hole{seq, segment.first_seq - 1, HoleReason::kJournalFull, segment.chain_before, {}};
    if (seq + segment.lost_before >= segment.first_seq) {
      hole.reason = segment.reason;
      if (segment.first_seq == segment.lost_before + 1) hole.about = segment.previous;
    } else if (seq <= acknowledged) {
      hole.reason = HoleReason::kTrimmed;
    }
    return hole;
  }
  return std::nullopt;
}

Result<Span> MemoryJournal::read(const EpochId& epoch, std::uint64_t from_seq,
                                 std::size_t max_bytes) {
  Span span;
  span.first_seq = from_seq;
  std::size_t bytes = 0;
  for (std::uint64_t seq = from_seq;; ++seq) {
    const Segment* segment = find(epoch, seq);
    if (segment == nullptr) break;
    const Entry& entry = segment->entries[seq - segment->first_seq];
    if (!span.records.empty() && bytes + entry.bytes.size() > max_bytes) break;
    bytes += entry.bytes.size();
    span.records.push_back(entry.bytes);
    span.chain_end = entry.chain_after;
  }
  if (span.records.empty()) span.hole = hole_at(epoch, from_seq);
  return span;
}

std::optional<std::uint64_t> MemoryJournal::chain_at(const EpochId& epoch, std::uint64_t seq) {
  for (const Segment& segment : segments_) {
    if (segment.epoch == epoch && seq + 1 == segment.first_seq) return segment.chain_before;
  }
  const Segment* segment = find(epoch, seq);
  if (segment == nullptr) return std::nullopt;
  return segment->entries[seq - segment->first_seq].chain_after;
}

std::uint64_t MemoryJournal::segment_start(const EpochId& epoch, std::uint64_t seq) const {
  const Segment* segment = find(epoch, seq);
  return segment == nullptr ? seq : segment->first_seq;
}

Result<> MemoryJournal::acknowledge(const EpochId& epoch, std::uint64_t seq) {
  std::uint64_t& known = progress_[epoch].acknowledged;
  known = std::max(known, seq);
  while (may_drop_oldest()) segments_.pop_front();
  return {};
}

MemoryJournal::Progress MemoryJournal::progress(const EpochId& epoch) const {
  const auto known = progress_.find(epoch);
  return known == progress_.end() ? Progress() : known->second;
}

bool MemoryJournal::may_drop_oldest() const {
  std::uint64_t acknowledged_bytes = 0;
  std::size_t acknowledged_segments = 0;
  for (const Segment& segment : segments_) {
    if (segment.next_seq() > progress(segment.epoch).acknowledged + 1) break;
    if (&segment == &segments_.back()) break;
    acknowledged_bytes += segment.bytes;
    ++acknowledged_segments;
  }
  const double guarded = options_.guarded_share * static_cast<double>(options_.budget_bytes);
  return acknowledged_segments > 0 &&
         (guarded == 0 || static_cast<double>(acknowledged_bytes) > guarded);
}

Result<> MemoryJournal::start_epoch(std::uint64_t lost, HoleReason reason,
                                    std::uint64_t undelivered_from) {
  const EpochId previous = segments_.back().epoch;
  progress_[previous] = {undelivered_from - 1, undelivered_from - 1 - lost};
  Segment segment;
  segment.epoch = random_epoch();
  segment.previous = previous;
  segment.first_seq = lost + 1;
  segment.lost_before = lost;
  segment.reason = reason;
  begin_segment(std::move(segment));
  return {};
}

Result<> MemoryJournal::skip(std::uint64_t count, HoleReason reason) {
  const Segment& active = segments_.back();
  Segment segment;
  segment.epoch = active.epoch;
  segment.previous = active.previous;
  segment.first_seq = active.next_seq() + count;
  segment.chain_before = active.chain();
  segment.lost_before = count;
  segment.reason = reason;
  begin_segment(std::move(segment));
  return {};
}

Usage MemoryJournal::usage() const {
  std::uint64_t used = 0;
  for (const Segment& segment : segments_) used += segment.bytes;
  return {used, used < options_.budget_bytes ? options_.budget_bytes - used : 0};
}

}  // namespace millwright::journal
