#pragma once
/// What the readers and writers of times and of values share.

#include <cstdint>
#include <vector>

#include "storage/sqlite/chunk_codec_column.h"

namespace millwright::chunk {

/// Of a list: of jumps of the grid, repeats, or literals.
struct Pair {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// Half-open range of sample indexes.
struct Span {
  std::size_t first = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - first; }
};

/// What the head of a chunk says.
struct Head {
  std::size_t count = 0;  ///< samples
  unsigned block_size_log2 = 0;
  std::uint8_t has = 0;  ///< flags of chunk_codec_format.h
  const Kernels* kernels = nullptr;
};

/// A list of pairs, read whole. Keeps its space.
class PairReader {
 public:
  void clear() {
    first_.clear();
    second_.clear();
  }
  /// Answers false where the bytes are no list of 1 to `head.count` pairs. `column` is scratch.
  bool open(ByteReader& in, const Head& head, ColumnReader& column) {
    std::uint64_t count = 0;
    return in.get_varint(count) && count > 0 && count <= head.count &&
           column.open(in, count, head.block_size_log2, *head.kernels) && column.read(first_) &&
           column.open(in, count, head.block_size_log2, *head.kernels) && column.read(second_);
  }
  std::size_t size() const { return first_.size(); }
  std::uint64_t first(std::size_t i) const { return first_[i]; }
  std::uint64_t second(std::size_t i) const { return second_[i]; }

 private:
  std::vector<std::uint64_t> first_;
  std::vector<std::uint64_t> second_;
};

}  // namespace millwright::chunk
