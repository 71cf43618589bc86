#pragma once
/// Canonical Huffman codes of at most kMaxCodeLength bits over at most 64 symbols.
///
/// Source: D. A. Huffman (1952); canonical numbering as in RFC 1951, section 3.2.2: codes of one
/// length are consecutive, in the order of their symbols. Streams hold the first bit of a code in
/// the highest free bit of a byte. Pure.

#include <array>
#include <cstdint>
#include <span>

#include "storage/sqlite/bytes.h"
#include "storage/sqlite/chunk_codec_kernels.h"

namespace millwright::chunk {

inline constexpr std::size_t kMaxSymbols = 64;

/// Lengths of codes, 0 for a symbol that does not occur.
struct CodeLengths {
  std::size_t count = 0;
  std::array<std::uint8_t, kMaxSymbols> length{};
  std::span<const std::uint8_t> used() const { return std::span(length).first(count); }
};

/// Short codes for frequent symbols, none longer than `limit` (1 to kMaxCodeLength; 2^limit is at
/// least the number of symbols). `counts` has at least two symbols above 0. O(n^2) for n symbols.
CodeLengths lengths_for(std::span<const std::uint32_t> counts, unsigned limit);

/// The code words, in the low bits.
std::array<std::uint16_t, kMaxSymbols> codes_of(const CodeLengths& lengths);

/// One byte with the number of symbols, then each length as its difference to the one before.
void put_lengths(Bytes& out, const CodeLengths& lengths);

/// Answers false where the bytes are not the lengths of a complete code.
bool get_lengths(ByteReader& in, CodeLengths& lengths);

/// `lengths` must be a complete code.
void fill_table(const CodeLengths& lengths, CodeTable& table);

}  // namespace millwright::chunk
