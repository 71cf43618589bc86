#pragma once
/// Writing and reading the small parts of our byte formats: varints, little-endian words, packed
/// integers.
///
/// Reading never goes beyond the bytes: it answers false, and the caller reports damage. Pure.

#include <cstdint>
#include <span>
#include <vector>

namespace millwright {

using Bytes = std::vector<std::uint8_t>;

/// Small for small magnitudes of either sign. Wraps, so that every value has its place.
constexpr std::uint64_t zigzag(std::uint64_t v) { return (v << 1) ^ (0 - (v >> 63)); }
constexpr std::uint64_t unzigzag(std::uint64_t v) { return (v >> 1) ^ (0 - (v & 1)); }

/// Seven bits a byte, low ones first; at most 10 bytes.
void put_varint(Bytes& out, std::uint64_t value);
void put_u32(Bytes& out, std::uint32_t value);
void put_u64(Bytes& out, std::uint64_t value);

/// A place in bytes that moves forward.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  std::span<const std::uint8_t> rest() const { return rest_; }
  bool get_byte(std::uint8_t& value);
  bool get_varint(std::uint64_t& value);
  bool get_u32(std::uint32_t& value);
  bool get_u64(std::uint64_t& value);
  bool get_bytes(std::size_t count, std::span<const std::uint8_t>& bytes);
  /// Fills all of `values` from blocks of 64: a byte with the width of the widest, then each value
  /// in that many bits, low bits first. A block of zeros is one byte.
  bool get_packed(std::span<std::uint64_t> values);

 private:
  std::span<const std::uint8_t> rest_;
};

}  // namespace millwright
