#pragma once
/// One segment file: finds its intact frames and reads them. Not thread-safe.

#include <memory>

#include "journal/segments/file_system.h"
#include "journal/segments/segment_format.h"

namespace millwright::journal {

/// Bytes of a file through a window, so that a scan needs neither the whole file nor a call a
/// frame.
class WindowReader {
 public:
  explicit WindowReader(File& file) : file_(file) {}
  /// Fewer bytes only at the end of the file; valid until the next call.
  Result<std::string_view> view(std::uint64_t offset, std::size_t size);

 private:
  File& file_;
  std::uint64_t start_ = 0;
  std::string window_;
};

struct Frame {
  FrameHeader header;
  std::string payload;
  std::uint64_t end_offset = 0;
};

/// The frame at `offset`; missing when none that is intact begins there.
Result<std::optional<Frame>> read_frame(WindowReader& reader, const EpochId& epoch,
                                        std::uint64_t offset);

struct FramePlace {
  std::uint64_t seq = 0;
  std::uint64_t offset = 0;
};

struct ScanResult {
  std::vector<FramePlace> frames;  ///< intact ones, ascending in both
  std::uint64_t end_offset = 0;    ///< after the last intact frame
  std::uint64_t chain = 0;         ///< chain hash after the last intact frame
  std::uint64_t first_chain = 0;   ///< chain hash before the first intact frame
};

/// Reads all of the file behind the header. After damage it goes on at the next intact frame with a
/// higher number. `chain_before` is the header's.
Result<ScanResult> scan_segment(File& file, const EpochId& epoch, std::uint64_t chain_before);

}  // namespace millwright::journal
