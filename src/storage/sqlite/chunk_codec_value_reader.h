#pragma once
/// Reads the values of a chunk.

#include <cstdint>
#include <span>
#include <vector>

#include "storage/sqlite/chunk_codec_column.h"
#include "storage/sqlite/chunk_codec_pairs.h"

namespace millwright::chunk {

/// Keeps its space for the next chunk. One thread at a time. Answers false where the bytes make no
/// sense.
class ValueReader {
 public:
  bool open(ByteReader& in, const Head& head);

  /// Replaces the content of `out`. Decodes the blocks that the samples lie in.
  bool read(Span samples, std::vector<double>& out);

 private:
  bool open_table(ByteReader& in);
  bool place_repeats();
  bool open_literals(ByteReader& in);
  bool read_numbers(Span numbers);
  bool read_repeated(Span samples);
  bool look_up();
  template <typename Take>
  void for_each_stretch(Span samples, const Take& take) const;

  Head head_;
  unsigned decimals_ = 0;
  bool rounds_to_float_ = false;
  std::uint64_t unit_ = 0;  // 0: the numbers count in the table
  std::vector<std::uint64_t> table_;
  PairReader repeats_;
  std::size_t number_count_ = 0;
  ColumnReader column_;
  PairReader literals_;
  std::vector<std::size_t> literal_at_;  // sample

  ColumnReader lists_;  // scratch
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint64_t> repeated_;
  std::vector<std::uint64_t> scaled_;
  std::span<const std::uint64_t> asked_;  // what was asked for, in one of those
};

}  // namespace millwright::chunk
