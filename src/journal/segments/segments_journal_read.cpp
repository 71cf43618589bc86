/// How a journal is read: records by number, holes where none is.

#include "journal/segments/segments_journal.h"
#include "record/record.h"

namespace millwright::journal {

std::vector<EpochInfo> SegmentsJournal::epochs() const {
  std::vector<EpochInfo> out;
  for (const Segment& segment : segments_) {
    if (out.empty() || out.back().epoch != segment.header.epoch) {
      out.push_back({segment.header.epoch, segment.header.previous, segment.header.first_seq,
                     segment.next_seq, acknowledged(segment.header.epoch),
                     delivered(segment.header.epoch)});
    }
    out.back().next_seq = segment.next_seq;
  }
  return out;
}

SegmentsJournal::Segment* SegmentsJournal::find(const EpochId& epoch, std::uint64_t seq) {
  for (Segment& segment : segments_) {
    if (segment.header.epoch == epoch && seq >= segment.header.first_seq &&
        seq < segment.next_seq) {
      return &segment;
    }
  }
  return nullptr;
}

/// Finds the segment's frames. Besides the active segment only one keeps its index.
Result<> SegmentsJournal::index(Segment& segment) {
  if (segment.is_indexed) return {};
  MW_ASSIGN(ScanResult scan,
            scan_segment(*segment.file, segment.header.epoch, segment.header.chain_before));
  for (Segment& other : segments_) {
    if (&other == &segments_.back()) continue;
    other.is_indexed = false;
    other.frames = {};
  }
  segment.frames = std::move(scan.frames);
  segment.is_indexed = true;
  return {};
}

Result<Span> SegmentsJournal::read(const EpochId& epoch, std::uint64_t from_seq,
                                   std::size_t max_bytes) {
  Span span;
  span.first_seq = from_seq;
  Segment* segment = find(epoch, from_seq);
  if (segment != nullptr) {
    MW_TRY(index(*segment));
    const auto by_seq = [](const FramePlace& place, std::uint64_t seq) { return place.seq < seq; };
    auto place = std::lower_bound(segment->frames.begin(), segment->frames.end(), from_seq, by_seq);
    WindowReader reader(*segment->file);
    std::size_t bytes = 0;
    std::uint64_t chain_before = 0;
    for (std::uint64_t seq = from_seq; place != segment->frames.end() && place->seq == seq;
         ++place, ++seq) {
      MW_ASSIGN(auto frame, read_frame(reader, epoch, place->offset));
      if (!frame || frame->header.seq != seq) {
        // Damaged since it was indexed: the next look at the file finds the hole.
        if (span.records.empty()) {
          segment->frames.erase(place);
          break;
        }
        break;
      }
      if (!span.records.empty() && bytes + frame->payload.size() > max_bytes) break;
      bytes += frame->payload.size();
      chain_before = frame->header.chain_before;
      span.records.push_back(std::move(frame->payload));
    }
    if (!span.records.empty()) {
      span.chain_end = record::next_chain(chain_before, span.records.back());
      return span;
    }
  }
  MW_ASSIGN(span.hole, hole_at(epoch, from_seq));
  return span;
}

/// A hole that begins inside a segment ends before its next intact frame, or with the segment.
Result<std::optional<Hole>> SegmentsJournal::hole_inside(Segment& segment, std::uint64_t seq) {
  MW_TRY(index(segment));
  WindowReader reader(*segment.file);
  for (const FramePlace& place : segment.frames) {
    if (place.seq <= seq) continue;
    MW_ASSIGN(const auto frame, read_frame(reader, segment.header.epoch, place.offset));
    if (!frame) continue;
    return std::optional<Hole>(
        Hole{seq, place.seq - 1, HoleReason::kDamaged, frame->header.chain_before, {}});
  }
  return std::optional<Hole>(
      Hole{seq, segment.next_seq - 1, HoleReason::kDamaged, segment.chain, {}});
}

Result<std::optional<Hole>> SegmentsJournal::hole_at(const EpochId& epoch, std::uint64_t seq) {
  if (Segment* segment = find(epoch, seq); segment != nullptr) return hole_inside(*segment, seq);
  for (const Segment& segment : segments_) {
    const SegmentHeader& header = segment.header;
    if (header.epoch != epoch || header.first_seq <= seq) continue;
    Hole hole{seq, header.first_seq - 1, HoleReason::kJournalFull, header.chain_before, {}};
    if (seq + header.lost_before >= header.first_seq) {
      hole.reason = header.reason;
      if (header.first_seq == header.lost_before + 1) hole.about = header.previous;
    } else if (seq <= acknowledged(epoch)) {
      hole.reason = HoleReason::kTrimmed;
    }
    return std::optional<Hole>(hole);
  }
  return std::optional<Hole>();
}

std::optional<std::uint64_t> SegmentsJournal::chain_at(const EpochId& epoch, std::uint64_t seq) {
  for (const Segment& segment : segments_) {
    if (segment.header.epoch != epoch) continue;
    if (seq + 1 == segment.header.first_seq) return segment.header.chain_before;
    if (seq + 1 == segment.next_seq) return segment.chain;
  }
  Segment* segment = find(epoch, seq);
  if (segment == nullptr || !index(*segment)) return std::nullopt;
  WindowReader reader(*segment->file);
  for (const std::uint64_t wanted : {seq + 1, seq}) {
    const auto place = std::find_if(segment->frames.begin(), segment->frames.end(),
                                    [&](const FramePlace& frame) { return frame.seq == wanted; });
    if (place == segment->frames.end()) continue;
    const auto frame = read_frame(reader, epoch, place->offset);
    if (!frame || !*frame) continue;
    if (wanted == seq + 1) return (*frame)->header.chain_before;
    return record::next_chain((*frame)->header.chain_before, (*frame)->payload);
  }
  return std::nullopt;
}

std::uint64_t SegmentsJournal::segment_start(const EpochId& epoch, std::uint64_t seq) const {
  for (const Segment& segment : segments_) {
    if (segment.header.epoch == epoch && seq >= segment.header.first_seq &&
        seq < segment.next_seq) {
      return segment.header.first_seq;
    }
  }
  return seq;
}

}  // namespace millwright::journal
