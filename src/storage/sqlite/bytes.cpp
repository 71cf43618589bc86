#include "storage/sqlite/bytes.h"

#include <array>
#include <bit>
#include <cstring>

namespace millwright {
namespace {

static_assert(std::endian::native == std::endian::little, "words are copied as they are");

constexpr std::size_t kBlock = 64;

template <typename Word>
void put_word(Bytes& out, Word value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

std::uint64_t mask_of(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

std::size_t packed_size(std::size_t count, unsigned width) { return (count * width + 7) / 8; }

void take_block(std::span<const std::uint8_t> bytes, unsigned width,
                std::span<std::uint64_t> values) {
  std::array<std::uint64_t, kBlock + 1> words{};
  std::memcpy(words.data(), bytes.data(), bytes.size());
  const std::uint64_t mask = mask_of(width);
  std::size_t word = 0;
  unsigned used = 0;
  for (std::uint64_t& v : values) {
    v = words[word] >> used;
    used += width;
    if (used >= 64) {
      used -= 64;
      ++word;
      if (used != 0) v |= words[word] << (width - used);
    }
    v &= mask;
  }
}

}  // namespace

void put_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_u32(Bytes& out, std::uint32_t value) { put_word(out, value); }
void put_u64(Bytes& out, std::uint64_t value) { put_word(out, value); }

bool ByteReader::get_byte(std::uint8_t& value) {
  if (rest_.empty()) return false;
  value = rest_[0];
  rest_ = rest_.subspan(1);
  return true;
}

bool ByteReader::get_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = 0;
    if (!get_byte(byte)) return false;
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool ByteReader::get_u32(std::uint32_t& value) {
  if (rest_.size() < sizeof value) return false;
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_ = rest_.subspan(sizeof value);
  return true;
}

bool ByteReader::get_u64(std::uint64_t& value) {
  if (rest_.size() < sizeof value) return false;
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_ = rest_.subspan(sizeof value);
  return true;
}

bool ByteReader::get_bytes(std::size_t count, std::span<const std::uint8_t>& bytes) {
  if (rest_.size() < count) return false;
  bytes = rest_.first(count);
  rest_ = rest_.subspan(count);
  return true;
}

bool ByteReader::get_packed(std::span<std::uint64_t> values) {
  while (!values.empty()) {
    const auto block = values.first(std::min(values.size(), kBlock));
    std::uint8_t width = 0;
    if (!get_byte(width) || width > 64) return false;
    const std::size_t size = packed_size(block.size(), width);
    if (rest_.size() < size) return false;
    take_block(rest_.first(size), width, block);
    rest_ = rest_.subspan(size);
    values = values.subspan(block.size());
  }
  return true;
}

}  // namespace millwright
