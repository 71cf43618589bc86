#pragma once
/// The reference load as a file, so that every peer loads the same bits.
///
/// All numbers are little-endian. A header of 64 bytes:
///
///   0   8  "MWLOADW1"
///   8   8  seed, unsigned
///   16  8  start, microseconds since 1970 (UTC)
///   24  8  minutes
///   32  4  devices
///   36  4  metrics of each device
///   40  24 zero
///
/// Then for each minute S = devices x metrics timestamps in microseconds (64-bit integers), then S
/// values (64-bit floats). Sample i of a minute is of series 1 + i: device after device, of each
/// its metrics.

#include <array>
#include <filesystem>

#include "storage/sample_store.h"

namespace millwright::bench {

struct LoadHeader {
  std::array<char, 8> magic{'M', 'W', 'L', 'O', 'A', 'D', 'W', '1'};
  std::uint64_t seed = 0;
  std::int64_t start_us = 0;
  std::int64_t minutes = 0;
  std::int32_t devices = 0;
  std::int32_t metrics = 0;
  std::array<char, 24> zero{};

  std::size_t series_count() const {
    return static_cast<std::size_t>(devices) * static_cast<std::size_t>(metrics);
  }
  std::int64_t minute_start_us(std::int64_t minute) const { return start_us + minute * 60'000'000; }
};
static_assert(sizeof(LoadHeader) == 64);

/// Writes W of this seed, durably.
void write_load(const std::filesystem::path& path, std::uint64_t seed, std::int64_t minutes);

/// Reads single minutes. Threads: any number at once.
class LoadFile {
 public:
  explicit LoadFile(const std::filesystem::path& path);
  ~LoadFile();
  LoadFile(const LoadFile&) = delete;
  LoadFile& operator=(const LoadFile&) = delete;

  const LoadHeader& header() const { return header_; }
  /// Replaces `out` by one sample of each series.
  void read(std::int64_t minute, SampleBatch& out) const;

 private:
  int file_;
  LoadHeader header_;
};

}  // namespace millwright::bench
