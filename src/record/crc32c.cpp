#include <cstring>

#include "record/record.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace millwright::record {
namespace {

// Reflected form of the Castagnoli polynomial, as in RFC 3720, appendix B.4.
constexpr std::uint32_t kPolynomial = 0x82F63B78;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

std::uint32_t crc_by_table(std::uint32_t state, std::string_view bytes) {
  for (const char c : bytes) {
    state = (state >> 8) ^ kTable[(state ^ static_cast<std::uint8_t>(c)) & 0xFF];
  }
  return state;
}

#if defined(__x86_64__)
// The instruction takes a word a cycle but answers three cycles later, so three stretches go side
// by side. Joining them needs a state moved over the stretch behind it: the same as kStretch zeros,
// which is linear, so that a table for each byte of the state does it.
constexpr std::size_t kStretch = 256;

constexpr auto kOverAStretch = [] {
  std::array<std::uint32_t, 32> of_bit{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::uint32_t state = 1U << bit;
    for (std::size_t i = 0; i < kStretch; ++i) state = (state >> 8) ^ kTable[state & 0xFF];
    of_bit[bit] = state;
  }
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::size_t byte = 0; byte < 4; ++byte) {
    for (std::uint32_t value = 0; value < 256; ++value) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1) != 0) tables[byte][value] ^= of_bit[8 * byte + bit];
      }
    }
  }
  return tables;
}();

std::uint32_t over_a_stretch(std::uint32_t state) {
  return kOverAStretch[0][state & 0xFF] ^ kOverAStretch[1][state >> 8 & 0xFF] ^
         kOverAStretch[2][state >> 16 & 0xFF] ^ kOverAStretch[3][state >> 24];
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(std::uint32_t state,
                                                                   std::string_view bytes) {
  std::uint64_t wide = state;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * kStretch; at += 3 * kStretch, left -= 3 * kStretch) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kStretch; i += 8) {
      wide = _mm_crc32_u64(wide, word_at(at + i));
      second = _mm_crc32_u64(second, word_at(at + kStretch + i));
      third = _mm_crc32_u64(third, word_at(at + 2 * kStretch + i));
    }
    second ^= over_a_stretch(static_cast<std::uint32_t>(wide));
    wide = third ^ over_a_stretch(static_cast<std::uint32_t>(second));
  }
  for (; left >= 8; at += 8, left -= 8) wide = _mm_crc32_u64(wide, word_at(at));
  state = static_cast<std::uint32_t>(wide);
  for (; left > 0; ++at, --left) state = _mm_crc32_u8(state, static_cast<std::uint8_t>(*at));
  return state;
}
#endif

using Function = std::uint32_t (*)(std::uint32_t, std::string_view);

Function choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2")) return crc_by_instruction;
#endif
  return crc_by_table;
}

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  static const Function kFunction = choose();
  return ~kFunction(~crc, bytes);
}

namespace detail {
std::uint32_t crc32c_by_table(std::uint32_t crc, std::string_view bytes) {
  return ~crc_by_table(~crc, bytes);
}
}  // namespace detail

}  // namespace millwright::record
