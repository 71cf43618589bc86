#pragma once
/// Inner loops of the chunk decoder, in plain C++ and with the instructions of newer processors.
/// Both do the same on every input; which one runs is decided once, at the first use.
///
/// Every kernel may read up to kChunkSlack bytes beyond its input, so the decoder works on a copy
/// with that much room behind it. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace millwright::chunk {

inline constexpr unsigned kMaxCodeLength = 11;  ///< bits of the longest Huffman code
inline constexpr unsigned kMaxBlockSizeLog2 = 10;
inline constexpr std::size_t kMaxLanes = 4;  ///< blocks that are decoded side by side

/// A block of the longest codes, a word beyond it and a vector beyond that.
inline constexpr std::size_t kChunkSlack =
    (std::size_t{kMaxCodeLength} << kMaxBlockSizeLog2) / 8 + 64;

/// Entries are symbol << 8 | length, indexed by the next `bits` bits of a stream.
struct CodeTable {
  unsigned bits = 0;
  std::uint16_t entries[std::size_t{1} << kMaxCodeLength];
};

/// One Huffman-coded block: where it begins and how many symbols it has.
struct SymbolLane {
  const std::uint8_t* bytes = nullptr;
  std::size_t count = 0;
  std::size_t used_bits = 0;  ///< set by the kernel
};

/// Lane k writes its symbols from k * kLaneStride on.
inline constexpr std::size_t kLaneStride = std::size_t{1} << kMaxBlockSizeLog2;
using LaneSymbols = std::array<std::uint8_t, kMaxLanes * kLaneStride>;

struct Kernels {
  const char* name;

  /// Reads 1 to kMaxLanes blocks at once: one block is a chain of dependent look-ups, several
  /// keep the processor busy. All lanes lie in one array; only the last may have fewer symbols.
  void (*read_symbols)(const CodeTable& table, std::span<SymbolLane> lanes, LaneSymbols& symbols);

  /// out[i] = (bits i * width ... of `packed` + symbols[i] * 2^width) + bias, modulo 2^64.
  /// width 0 to 64; `symbols` may be null, and is where width is above 56.
  void (*unpack)(const std::uint8_t* packed, unsigned width, const std::uint8_t* symbols,
                 std::uint64_t bias, std::span<std::uint64_t> out);

  /// out[i] = number[i] / power, numbers being signed.
  void (*to_decimal)(std::span<const std::uint64_t> number, double power, double* out);

  /// out[i] = the double that has place number[i] in the order of all doubles (see chunk.md).
  void (*to_real)(std::span<const std::uint64_t> number, double* out);

  /// out[i] = base + i * step + unit * number[i], modulo 2^64.
  void (*to_times)(std::span<const std::uint64_t> number, std::uint64_t base, std::uint64_t step,
                   std::uint64_t unit, std::int64_t* out);

  /// Whether each is greater than the one before.
  bool (*ascends)(std::span<const std::int64_t> numbers);
};

const Kernels& portable_kernels();
/// What this processor does best: portable_kernels() where it has no AVX2.
const Kernels& fastest_kernels();

}  // namespace millwright::chunk
