#include "journal/segments/segment.h"

#include "record/record.h"

namespace millwright::journal {
namespace {

constexpr std::size_t kWindowBytes = 256 * 1024;

/// Offset of the next frame marker at or after `offset`; missing at the end of the file.
Result<std::optional<std::uint64_t>> find_marker(WindowReader& reader, std::uint64_t offset) {
  for (;;) {
    MW_ASSIGN(const std::string_view bytes, reader.view(offset, kWindowBytes));
    const std::size_t at = bytes.find(kFrameMarker);
    if (at != std::string_view::npos) return std::optional<std::uint64_t>(offset + at);
    if (bytes.size() < kWindowBytes) return std::optional<std::uint64_t>();
    offset += bytes.size() - kFrameMarker.size() + 1;
  }
}

}  // namespace

Result<std::string_view> WindowReader::view(std::uint64_t offset, std::size_t size) {
  const bool inside = offset >= start_ && offset + size <= start_ + window_.size();
  if (!inside) {
    MW_ASSIGN(window_, file_.read_at(offset, std::max(size, kWindowBytes)));
    start_ = offset;
  }
  return std::string_view(window_).substr(offset - start_, size);
}

Result<std::optional<Frame>> read_frame(WindowReader& reader, const EpochId& epoch,
                                        std::uint64_t offset) {
  MW_ASSIGN(const std::string_view start, reader.view(offset, kFrameHeaderBytes));
  const auto header = decode_frame_header(start);
  if (!header) return std::optional<Frame>();
  MW_ASSIGN(const std::string_view whole, reader.view(offset, kFrameHeaderBytes + header->length));
  if (whole.size() < kFrameHeaderBytes + header->length) return std::optional<Frame>();
  const std::string_view payload = whole.substr(kFrameHeaderBytes);
  if (!is_intact(epoch, whole.substr(0, kFrameHeaderBytes), payload)) {
    return std::optional<Frame>();
  }
  return std::optional<Frame>(
      Frame{*header, std::string(payload), offset + kFrameHeaderBytes + header->length});
}

Result<ScanResult> scan_segment(File& file, const EpochId& epoch, std::uint64_t chain_before) {
  WindowReader reader(file);
  ScanResult result;
  result.end_offset = kSegmentHeaderBytes;
  result.chain = result.first_chain = chain_before;
  std::uint64_t offset = kSegmentHeaderBytes;
  for (;;) {
    MW_ASSIGN(const auto place, find_marker(reader, offset));
    if (!place) return result;
    MW_ASSIGN(const auto frame, read_frame(reader, epoch, *place));
    if (!frame || (!result.frames.empty() && frame->header.seq <= result.frames.back().seq)) {
      offset = *place + 1;
      continue;
    }
    if (result.frames.empty()) result.first_chain = frame->header.chain_before;
    result.frames.push_back({frame->header.seq, *place});
    result.chain = record::next_chain(frame->header.chain_before, frame->payload);
    result.end_offset = offset = frame->end_offset;
  }
}

}  // namespace millwright::journal
