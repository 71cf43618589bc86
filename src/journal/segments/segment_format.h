#pragma once
/// The bytes of a segment file: a header, then frames. Drawn in docs/formats/journal.md.
///
/// Numbers are little-endian. Pure functions; safe from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "journal/journal.h"

namespace millwright::journal {

inline constexpr std::size_t kSegmentHeaderBytes = 88;
inline constexpr std::size_t kFrameHeaderBytes = 36;
inline constexpr std::size_t kMaxRecordBytes = 4 * 1024 * 1024;
inline constexpr std::string_view kFrameMarker = "MWr1";

struct SegmentHeader {
  EpochId epoch{};
  EpochId previous{};
  std::uint64_t first_seq = 1;
  std::uint64_t chain_before = 0;  ///< chain hash before first_seq
  std::uint64_t lost_before = 0;   ///< numbers left out just before first_seq
  HoleReason reason = HoleReason::kNone;
  std::int64_t created_us = 0;
};

std::string encode_header(const SegmentHeader& header);
/// Missing when the bytes are no intact header of this version.
std::optional<SegmentHeader> decode_header(std::string_view bytes);

struct FrameHeader {
  std::uint32_t length = 0;  ///< of the payload
  std::uint64_t seq = 0;
  std::int64_t time_us = 0;
  std::uint64_t chain_before = 0;
  std::uint32_t crc = 0;
};

/// Appends a frame to `out`. The CRC covers the epoch too, so that a frame of another journal is no
/// frame here.
void append_frame(std::string* out, const EpochId& epoch, const FrameHeader& header,
                  std::string_view payload);
/// Reads the header without judging the payload. Missing where no frame can begin.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes);
/// Whether header bytes and payload are what was written.
bool is_intact(const EpochId& epoch, std::string_view header_bytes, std::string_view payload);

/// "000000000042-0123...ef.segment"; the number orders the files of all epochs.
std::string segment_name(std::uint64_t ordinal, const EpochId& epoch);
struct SegmentName {
  std::uint64_t ordinal = 0;
  EpochId epoch{};
};
std::optional<SegmentName> parse_segment_name(std::string_view name);

}  // namespace millwright::journal
