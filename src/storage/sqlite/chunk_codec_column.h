#pragma once
/// A column of integers as bytes: predicted, then packed and Huffman-coded, in blocks that can be
/// read on their own. The bytes are drawn in docs/formats/chunk.md.
///
/// Each number is predicted from those before it in its block (chunk_codec_predictor.h). What is
/// left, the residual, is split: the low bits, which are noise, are packed as they are; the high
/// bits get a Huffman code. A residual that lies far outside is an exception with a place of its
/// own. All arithmetic is modulo 2^64.
///
/// Source: M. Zukowski et al. (2006), Super-Scalar RAM-CPU Cache Compression (packing with
/// exceptions).

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/sqlite/bytes.h"
#include "storage/sqlite/chunk_codec_huffman.h"
#include "storage/sqlite/chunk_codec_kernels.h"
#include "storage/sqlite/chunk_codec_predictor.h"

namespace millwright::chunk {

/// Bits of a column's first two bytes.
inline constexpr std::uint8_t kHasSymbols = 0x80;
inline constexpr std::uint8_t kWidthBits = 0x7F;
inline constexpr std::uint8_t kPredictorBits = 0x03;
inline constexpr std::uint8_t kHasExceptions = 0x04;
inline constexpr std::uint8_t kHasStarts = 0x08;
inline constexpr unsigned kMaxSymbolWidth = 56;  ///< low bits beside a symbol

struct Exception {
  std::size_t at = 0;
  std::uint64_t add = 0;  ///< to the residual
};

/// Writes columns. Keeps its scratch space. One thread at a time.
class ColumnWriter {
 public:
  /// Appends the column of `numbers`, of which there is at least one. About 10 ns a number.
  void put(Bytes& out, std::span<const std::uint64_t> numbers, unsigned block_size_log2);

 private:
  /// How the residuals become bytes.
  struct Layout {
    bool has_symbols = false;
    unsigned width = 0;      ///< low bits
    std::uint64_t bias = 0;  ///< the least residual that is no exception
    std::uint64_t base = 0;  ///< the high bits of it: the first symbol
    CodeLengths lengths;
  };

  void find_residuals(std::span<const std::uint64_t> numbers);
  Layout choose_layout();
  void take_out_exceptions(const Layout& layout);
  void code_symbols(const Layout& layout);
  void put_head(Bytes& out, const Layout& layout);

  unsigned block_size_log2_ = 0;
  ColumnModel model_;
  unsigned low_width_ = 0;  ///< bits that a Huffman code leaves alone
  std::vector<std::uint64_t> residuals_;
  std::vector<std::uint64_t> starts_;
  std::vector<Exception> exceptions_;
  std::vector<std::uint8_t> symbols_;
  std::vector<std::uint64_t> stream_lengths_;
  Bytes streams_;
};

/// Reads a column, block by block. Keeps its scratch space. One thread at a time.
///
/// The bytes must stay, with kChunkSlack readable bytes behind them.
class ColumnReader {
 public:
  /// Reads the head and steps over the rest. Answers false where the bytes are no column.
  bool open(ByteReader& in, std::size_t count, unsigned block_size_log2, const Kernels& kernels);

  std::size_t count() const { return count_; }
  std::size_t block_size() const { return std::size_t{1} << block_size_log2_; }
  std::size_t blocks() const { return (count_ + block_size() - 1) >> block_size_log2_; }

  /// The first number of a block. O(1).
  std::uint64_t first_of(std::size_t block);

  /// The numbers of blocks [first, end), which `out` has exactly the room for.
  bool read(std::size_t first, std::size_t end, std::span<std::uint64_t> out);
  bool read(std::vector<std::uint64_t>& out) {
    out.resize(count_);
    return read(0, blocks(), out);
  }

 private:
  bool open_starts(ByteReader& in);
  bool open_symbols(ByteReader& in);
  bool open_exceptions(ByteReader& in);
  bool read_residuals(std::size_t first, std::size_t end, std::span<std::uint64_t> out);
  void add_predictions(std::size_t first, std::size_t end, std::span<std::uint64_t> out) const;
  std::size_t size_of(std::size_t block) const {
    return std::min(block_size(), count_ - (block << block_size_log2_));
  }

  const Kernels* kernels_ = nullptr;
  std::size_t count_ = 0;
  unsigned block_size_log2_ = 0;
  unsigned width_ = 0;
  bool has_symbols_ = false;
  Predictor predictor_;
  std::uint64_t bias_ = 0;
  std::span<const std::uint8_t> packed_;
  std::vector<std::uint64_t> starts_;          ///< empty: all 0
  std::vector<std::uint64_t> stream_lengths_;  ///< bytes, by block
  std::vector<const std::uint8_t*> streams_;
  std::vector<Exception> exceptions_;
  LaneSymbols symbols_;
  CodeTable table_;
};

/// A few small integers: the least one, the width of the others above it, and those packed.
void put_small(Bytes& out, std::span<const std::uint64_t> values);
bool get_small(ByteReader& in, std::span<std::uint64_t> values);

/// Each value in `width` bits, low bits first, filled up to a whole byte.
void put_bits(Bytes& out, std::span<const std::uint64_t> values, unsigned width);

}  // namespace millwright::chunk
