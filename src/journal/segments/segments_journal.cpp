#include "journal/segments/segments_journal.h"

#include "base/log.h"
#include "base/text.h"
#include "record/record.h"

namespace millwright::journal {

SegmentsJournal::SegmentsJournal(SegmentsJournalOptions options, const Clock& clock,
                                 FileSystem& file_system)
    : options_(std::move(options)), clock_(clock), files_(file_system) {}

SegmentsJournal::~SegmentsJournal() = default;

std::string SegmentsJournal::path(const Segment& segment) const {
  return path(segment_name(segment.ordinal, segment.header.epoch));
}

// Writing -----------------------------------------------------------------------------------------

Result<> SegmentsJournal::append(std::span<const std::string> records) {
  for (const std::string& record : records) {
    if (record.empty() || record.size() > kMaxRecordBytes) {
      return invalid_argument("a record has " + std::to_string(record.size()) +
                              " bytes; the journal takes 1 to " + std::to_string(kMaxRecordBytes));
    }
  }
  MW_TRY(with_room([&] { return try_append(records); }));
  keep_budget();
  return {};
}

/// Tries again after dropping the oldest segment as long as the medium is full.
Result<> SegmentsJournal::with_room(const std::function<Result<>()>& work) {
  for (;;) {
    if (broken_) return *broken_;
    auto result = work();
    if (result || result.error().code != ErrorCode::kResourceExhausted) return result;
    if (!drop_oldest()) return result;
  }
}

Result<> SegmentsJournal::try_append(std::span<const std::string> records) {
  if (segments_.back().bytes >= options_.segment_bytes) {
    const Segment& full = segments_.back();
    SegmentHeader header;
    header.epoch = full.header.epoch;
    header.previous = full.header.previous;
    header.first_seq = full.next_seq;
    header.chain_before = full.chain;
    MW_TRY(begin_segment(header));
  }
  Segment& active = segments_.back();
  std::string bytes;
  std::vector<FramePlace> places;
  std::uint64_t seq = active.next_seq;
  std::uint64_t chain = active.chain;
  const std::int64_t now_us = to_us(clock_.now());
  for (const std::string& record : records) {
    places.push_back({seq, active.bytes + bytes.size()});
    append_frame(&bytes, active.header.epoch, {0, seq, now_us, chain, 0}, record);
    chain = record::next_chain(chain, record);
    ++seq;
  }
  MW_TRY(write_durably(active, bytes));
  note_frames(active, std::move(places), chain);
  return {};
}

void SegmentsJournal::note_frames(Segment& segment, std::vector<FramePlace> places,
                                  std::uint64_t chain) {
  segment.next_seq += places.size();
  segment.chain = chain;
  if (segment.is_indexed) {
    segment.frames.insert(segment.frames.end(), places.begin(), places.end());
  }
}

Result<> SegmentsJournal::write_durably(Segment& segment, std::string_view bytes) {
  const std::uint64_t size_before = segment.bytes;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    auto written = segment.file->write(rest);
    if (!written || *written == 0) {
      if (auto cut = segment.file->truncate(size_before); !cut) broken_ = cut.error();
      if (!written) return written.error();
      return resource_exhausted("the journal's medium takes no more bytes");
    }
    rest.remove_prefix(*written);
  }
  if (auto synced = segment.file->sync(); !synced) {
    // The kernel may have thrown the pages away: a second sync could succeed and lie, and the next
    // process would read from memory what the medium does not have. So nothing of it may stay.
    (void)segment.file->truncate(size_before);
    broken_ = Error{ErrorCode::kDataLoss,
                    "the journal could not be made durable; restart the agent, it reads back what "
                    "the medium holds: " +
                        synced.error().message,
                    {}};
    return *broken_;
  }
  segment.bytes += bytes.size();
  return {};
}

Result<> SegmentsJournal::begin_segment(SegmentHeader header) {
  header.created_us = to_us(clock_.now());
  Segment segment;
  segment.header = header;
  segment.ordinal = segments_.empty() ? 1 : segments_.back().ordinal + 1;
  segment.next_seq = header.first_seq;
  segment.chain = header.chain_before;
  segment.is_indexed = true;

  std::string bytes = encode_header(header);
  std::vector<FramePlace> places;
  std::uint64_t chain = header.chain_before;
  if (preamble_) {
    std::uint64_t seq = header.first_seq;
    for (const std::string& record : preamble_()) {
      places.push_back({seq, bytes.size()});
      append_frame(&bytes, header.epoch, {0, seq, header.created_us, chain, 0}, record);
      chain = record::next_chain(chain, record);
      ++seq;
    }
  }
  MW_ASSIGN(segment.file, files_.open(path(segment)));
  MW_TRY(segment.file->truncate(0));  // an attempt that failed may have left bytes
  if (auto written = write_durably(segment, bytes); !written) {
    segment.file.reset();
    (void)files_.remove(path(segment));
    return written;
  }
  if (auto synced = files_.sync_folder(options_.folder); !synced) {
    broken_ = Error{ErrorCode::kDataLoss, synced.error().message, {}};
    return *broken_;
  }
  note_frames(segment, std::move(places), chain);
  if (!segments_.empty()) {
    segments_.back().is_indexed = false;
    segments_.back().frames = {};
  }
  segments_.push_back(std::move(segment));
  return {};
}

Result<> SegmentsJournal::start_epoch(std::uint64_t lost, HoleReason reason,
                                      std::uint64_t undelivered_from) {
  const EpochId previous = segments_.back().header.epoch;
  acknowledged_[previous] = undelivered_from - 1;
  delivered_[previous] = undelivered_from - 1 - lost;
  MW_TRY(with_room([&] { return store_acknowledged(true); }));
  SegmentHeader header;
  header.epoch = random_epoch();
  header.previous = previous;
  header.first_seq = lost + 1;
  header.lost_before = lost;
  header.reason = reason;
  return with_room([&] { return begin_segment(header); });
}

Result<> SegmentsJournal::skip(std::uint64_t count, HoleReason reason) {
  const Segment& active = segments_.back();
  SegmentHeader header;
  header.epoch = active.header.epoch;
  header.previous = active.header.previous;
  header.first_seq = active.next_seq + count;
  header.chain_before = active.chain;
  header.lost_before = count;
  header.reason = reason;
  return with_room([&] { return begin_segment(header); });
}

// Removing ----------------------------------------------------------------------------------------

bool SegmentsJournal::drop_oldest() {
  if (segments_.size() < 2) return false;
  const Segment& oldest = segments_.front();
  if (oldest.next_seq > acknowledged(oldest.header.epoch) + 1) {
    log::warning("journal full: undelivered records are dropped",
                 {{"epoch", to_hex(oldest.header.epoch)},
                  {"from", oldest.header.first_seq},
                  {"to", oldest.next_seq - 1}});
  }
  if (auto removed = files_.remove(path(oldest)); !removed) {
    log::error("a journal segment cannot be removed", {{"reason", removed.error().message}});
    return false;
  }
  segments_.erase(segments_.begin());
  return true;
}

void SegmentsJournal::keep_budget() {
  while (usage().used_bytes > options_.budget_bytes && drop_oldest()) {
  }
}

std::uint64_t SegmentsJournal::acknowledged(const EpochId& epoch) const {
  const auto known = acknowledged_.find(epoch);
  return known == acknowledged_.end() ? 0 : known->second;
}

std::uint64_t SegmentsJournal::delivered(const EpochId& epoch) const {
  const auto known = delivered_.find(epoch);
  return known == delivered_.end() ? acknowledged(epoch) : known->second;
}

bool SegmentsJournal::is_delivered(const Segment& segment) const {
  return segment.next_seq <= acknowledged(segment.header.epoch) + 1;
}

/// Whether a hub whose database is restored may still ask for these records.
bool SegmentsJournal::oldest_is_guarded() const {
  // A segment ends where the next one begins.
  const Microseconds age = clock_.now() - from_us(segments_[1].header.created_us);
  if (age >= options_.guard.keep) return false;
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_) {
    if (is_delivered(segment)) bytes += segment.bytes;
  }
  return static_cast<double>(bytes) <=
         options_.guard.share_of_budget * static_cast<double>(options_.budget_bytes);
}

Result<> SegmentsJournal::acknowledge(const EpochId& epoch, std::uint64_t seq) {
  std::uint64_t& known = acknowledged_[epoch];
  if (seq > known) {
    known = seq;
    acknowledged_is_stored_ = false;
  }
  while (segments_.size() > 1 && is_delivered(segments_.front()) && !oldest_is_guarded()) {
    if (!acknowledged_is_stored_) MW_TRY(store_acknowledged(true));
    if (!drop_oldest()) break;
  }
  return {};
}

Usage SegmentsJournal::usage() const {
  std::uint64_t used = 0;
  for (const Segment& segment : segments_) used += segment.bytes;
  return {used, used < options_.budget_bytes ? options_.budget_bytes - used : 0};
}

}  // namespace millwright::journal
