#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace millwright {
namespace {

// Reflected form of the Castagnoli polynomial, as in RFC 3720, appendix B.4.
constexpr std::uint32_t kPolynomial = 0x82F63B78;

using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table() {
  Table table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr Table kTable = make_table();

std::uint32_t crc_by_table(std::uint32_t state, std::string_view bytes) {
  for (const char c : bytes) {
    state = (state >> 8) ^ kTable[(state ^ static_cast<std::uint8_t>(c)) & 0xFF];
  }
  return state;
}

#if defined(__x86_64__)

constexpr std::size_t kStream = 256;  // bytes that each of three streams takes at a time

/// The state after kStream more zero bytes: linear, so it is the sum over the bits of the state.
class ZeroShift {
 public:
  ZeroShift() {
    const std::array<char, kStream> zeros{};
    std::array<std::uint32_t, 32> of_bit{};
    for (unsigned bit = 0; bit < 32; ++bit) {
      of_bit[bit] = crc_by_table(std::uint32_t{1} << bit, {zeros.data(), zeros.size()});
    }
    for (unsigned byte = 0; byte < 4; ++byte) {
      for (unsigned value = 0; value < 256; ++value) {
        std::uint32_t sum = 0;
        for (unsigned bit = 0; bit < 8; ++bit) {
          if ((value >> bit & 1) != 0) sum ^= of_bit[byte * 8 + bit];
        }
        of_byte_[byte][value] = sum;
      }
    }
  }
  std::uint32_t operator()(std::uint32_t state) const {
    return of_byte_[0][state & 0xFF] ^ of_byte_[1][state >> 8 & 0xFF] ^
           of_byte_[2][state >> 16 & 0xFF] ^ of_byte_[3][state >> 24];
  }

 private:
  std::array<Table, 4> of_byte_{};
};

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The instruction has a latency of three cycles: three independent streams keep it busy.
__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(std::uint32_t state,
                                                                   std::string_view bytes) {
  static const ZeroShift kShift;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * kStream; at += 3 * kStream, left -= 3 * kStream) {
    std::uint64_t a = state;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    for (std::size_t i = 0; i < kStream; i += 8) {
      a = _mm_crc32_u64(a, word_at(at + i));
      b = _mm_crc32_u64(b, word_at(at + kStream + i));
      c = _mm_crc32_u64(c, word_at(at + 2 * kStream + i));
    }
    state = kShift(static_cast<std::uint32_t>(a)) ^ static_cast<std::uint32_t>(b);
    state = kShift(state) ^ static_cast<std::uint32_t>(c);
  }
  std::uint64_t wide = state;
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

}  // namespace millwright
