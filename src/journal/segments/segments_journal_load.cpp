/// How a journal is found again: segments, torn tails, damaged headers, acknowledgements.

#include <sstream>

#include "base/log.h"
#include "base/text.h"
#include "journal/segments/segments_journal.h"

namespace millwright::journal {
namespace {
constexpr std::string_view kAcknowledgedName = "acknowledged";
}

Result<std::unique_ptr<SegmentsJournal>> SegmentsJournal::open(SegmentsJournalOptions options,
                                                               const Clock& clock,
                                                               FileSystem& file_system) {
  std::unique_ptr<SegmentsJournal> journal(
      new SegmentsJournal(std::move(options), clock, file_system));
  MW_TRY(journal->load());
  return journal;
}

Result<> SegmentsJournal::load() {
  MW_TRY(files_.create_folder(options_.folder));
  MW_ASSIGN(lock_, files_.lock(path("lock")));
  MW_TRY(load_segments());
  load_acknowledged();
  if (segments_.empty()) {
    SegmentHeader header;
    header.epoch = random_epoch();
    return begin_segment(header);
  }
  MW_TRY(finish_epoch_ends());
  return files_.sync_folder(options_.folder);
}

Result<> SegmentsJournal::load_segments() {
  MW_ASSIGN(const std::vector<std::string> names, files_.list(options_.folder));
  for (const std::string& name : names) {
    if (!parse_segment_name(name)) continue;
    MW_ASSIGN(auto segment, load_segment(name));
    if (segment) segments_.push_back(std::move(*segment));
  }
  return {};
}

Result<std::optional<SegmentsJournal::Segment>> SegmentsJournal::load_segment(
    const std::string& name) {
  const SegmentName parsed = *parse_segment_name(name);
  Segment segment;
  segment.ordinal = parsed.ordinal;
  MW_ASSIGN(segment.file, files_.open(path(name)));
  MW_ASSIGN(segment.bytes, segment.file->size());
  MW_ASSIGN(const std::string head, segment.file->read_at(0, kSegmentHeaderBytes));
  if (const auto header = decode_header(head); header && header->epoch == parsed.epoch) {
    segment.header = *header;
  } else {
    segment.header.epoch = parsed.epoch;
    MW_ASSIGN(const ScanResult scan, scan_segment(*segment.file, parsed.epoch, 0));
    if (scan.frames.empty()) {
      // A file that a crash left before its header was durable, or one that is damaged throughout.
      log::warning("a journal segment is unreadable and set aside", {{"file", name}});
      segment.file.reset();
      MW_TRY(segment.bytes == 0 ? files_.remove(path(name))
                                : files_.rename(path(name), path(name + ".damaged")));
      return std::optional<Segment>();
    }
    log::warning("a journal segment has a damaged header", {{"file", name}});
    segment.header.first_seq = scan.frames.front().seq;
    segment.header.chain_before = scan.first_chain;
    if (!segments_.empty() && segments_.back().header.epoch == parsed.epoch) {
      segment.header.previous = segments_.back().header.previous;
    }
  }
  segment.next_seq = segment.header.first_seq;
  segment.chain = segment.header.chain_before;
  return std::optional<Segment>(std::move(segment));
}

/// Where each segment ends: the header of the next one says it, but for the last of an epoch.
Result<> SegmentsJournal::finish_epoch_ends() {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    const bool is_last = i + 1 == segments_.size();
    if (!is_last && segments_[i + 1].header.epoch == segment.header.epoch) {
      const SegmentHeader& next = segments_[i + 1].header;
      segment.next_seq = next.first_seq - next.lost_before;
      segment.chain = next.chain_before;
      continue;
    }
    MW_ASSIGN(ScanResult scan,
              scan_segment(*segment.file, segment.header.epoch, segment.header.chain_before));
    if (!scan.frames.empty()) segment.next_seq = scan.frames.back().seq + 1;
    segment.chain = scan.chain;
    if (is_last && scan.end_offset < segment.bytes) {
      log::warning("the journal's torn tail is cut off",
                   {{"file", segment_name(segment.ordinal, segment.header.epoch)},
                    {"bytes", segment.bytes - scan.end_offset}});
      MW_TRY(segment.file->truncate(scan.end_offset));
      segment.bytes = scan.end_offset;
    }
    if (is_last) {
      // A killed predecessor may have written records without a sync: read() yields them from now
      // on, so they must be durable like all others.
      MW_TRY(segment.file->sync());
      segment.frames = std::move(scan.frames);
      segment.is_indexed = true;
    }
  }
  return {};
}

/// Lines "EPOCH NUMBER", of closed epochs "EPOCH NUMBER DELIVERED". A missing or damaged file only
/// means that records are offered again.
void SegmentsJournal::load_acknowledged() {
  auto file = files_.open(path(std::string(kAcknowledgedName)));
  if (!file) return;
  const auto bytes = (*file)->read_at(0, 64 * 1024);
  if (!bytes) return;
  std::istringstream lines(*bytes);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hex;
    std::uint64_t seq = 0;
    std::uint64_t delivered = 0;  // stays so for an epoch that an older version has closed
    if (!(words >> hex >> seq)) return;
    words >> delivered;
    for (const Segment& segment : segments_) {
      const EpochId& epoch = segment.header.epoch;
      if (to_hex(epoch) != hex) continue;
      acknowledged_[epoch] = seq;
      if (epoch != segments_.back().header.epoch) delivered_[epoch] = delivered;
    }
  }
}

Result<> SegmentsJournal::store_acknowledged(bool sync) {
  std::string text;
  for (const EpochInfo& info : epochs()) {
    text += to_hex(info.epoch) + " " + std::to_string(info.acknowledged);
    if (delivered_.contains(info.epoch)) text += " " + std::to_string(info.delivered);
    text += "\n";
  }
  const std::string name(kAcknowledgedName);
  const std::string temporary = path(name + ".new");
  {
    MW_ASSIGN(auto file, files_.open(temporary));
    MW_TRY(file->truncate(0));
    std::string_view rest = text;
    while (!rest.empty()) {
      MW_ASSIGN(const std::size_t written, file->write(rest));
      if (written == 0) return resource_exhausted("the journal's medium takes no more bytes");
      rest.remove_prefix(written);
    }
    if (sync) MW_TRY(file->sync());
  }
  MW_TRY(files_.rename(temporary, path(name)));
  if (sync) MW_TRY(files_.sync_folder(options_.folder));
  acknowledged_is_stored_ = true;
  return {};
}

Result<> SegmentsJournal::flush_acknowledged() {
  if (acknowledged_is_stored_) return {};
  return store_acknowledged(true);
}

}  // namespace millwright::journal
