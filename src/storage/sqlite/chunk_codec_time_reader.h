#pragma once
/// Reads the timestamps of a chunk.

#include <cstdint>
#include <vector>

#include "model/samples.h"
#include "storage/sqlite/chunk_codec_column.h"
#include "storage/sqlite/chunk_codec_pairs.h"

namespace millwright::chunk {

/// Keeps its space for the next chunk. One thread at a time. Answers false where the bytes make no
/// sense.
class TimeReader {
 public:
  bool open(ByteReader& in, const Head& head);

  bool read(std::vector<std::int64_t>& out);
  /// The timestamps of the blocks that may have some in the range, and the index of the first.
  bool read(TimeRange range, std::vector<std::int64_t>& out, std::size_t& first_index);

 private:
  bool place_jumps();
  std::uint64_t grid_of(std::size_t sample) const;
  std::int64_t first_time(std::size_t block);
  bool read_blocks(std::size_t first, std::size_t end, std::vector<std::int64_t>& out);

  Head head_;
  std::uint64_t start_us_ = 0;
  std::uint64_t unit_ = 0;
  std::uint64_t step_ = 0;
  PairReader jumps_;
  std::vector<std::size_t> jump_at_;     // sample
  std::vector<std::uint64_t> jump_sum_;  // of this and all before
  ColumnReader misses_;
  ColumnReader lists_;  // scratch
  std::vector<std::uint64_t> numbers_;
};

}  // namespace millwright::chunk
