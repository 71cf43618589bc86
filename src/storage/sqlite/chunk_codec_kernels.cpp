#include "storage/sqlite/chunk_codec_kernels.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define MILLWRIGHT_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#endif
// A loop that both versions share: compiled into each of them with its own instructions.
#define MILLWRIGHT_SHARED inline __attribute__((always_inline))

namespace millwright::chunk {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

MILLWRIGHT_SHARED std::uint64_t load_word(const std::uint8_t* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Huffman codes -----------------------------------------------------------------------------------

/// Symbols that are read from one loaded word: at least 57 of its bits are fresh.
constexpr std::size_t kPerWord = 57 / kMaxCodeLength;

/// Where a lane is. The lowest bit of a loaded word is set: no code reaches down to it, and where
/// it has moved to tells how many bits were used.
struct LaneState {
  std::uint64_t word = 0;
  std::size_t bit = 0;  ///< of all bytes

  MILLWRIGHT_SHARED void load(const std::uint8_t* bytes) {
    word = __builtin_bswap64(load_word(bytes + bit / 8)) << (bit % 8) | 1;
  }
  MILLWRIGHT_SHARED std::uint8_t next(const std::uint16_t* entries, unsigned drop) {
    const std::uint32_t entry = entries[word >> drop];
    word <<= entry & 63;
    return static_cast<std::uint8_t>(entry >> 8);
  }
  MILLWRIGHT_SHARED void advance() { bit += static_cast<std::size_t>(__builtin_ctzll(word)); }
};

/// Symbols [from, to) of each lane. Lanes are variables of their own, so that they stay in
/// registers.
template <std::size_t kLanes>
MILLWRIGHT_SHARED void read_lanes(const CodeTable& table, const std::uint8_t* bytes,
                                  std::size_t* bit, std::uint8_t* symbols, std::size_t from,
                                  std::size_t to) {
  const unsigned drop = 64 - table.bits;
  const std::uint16_t* const entries = table.entries;
  LaneState lane0{0, bit[0]};
  LaneState lane1{0, bit[1]};
  LaneState lane2{0, bit[2]};
  LaneState lane3{0, bit[3]};
  const auto load = [&]() __attribute__((always_inline)) {
    lane0.load(bytes);
    if constexpr (kLanes > 1) lane1.load(bytes);
    if constexpr (kLanes > 2) lane2.load(bytes);
    if constexpr (kLanes > 3) lane3.load(bytes);
  };
  const auto step = [&](std::size_t i) __attribute__((always_inline)) {
    symbols[i] = lane0.next(entries, drop);
    if constexpr (kLanes > 1) symbols[kLaneStride + i] = lane1.next(entries, drop);
    if constexpr (kLanes > 2) symbols[2 * kLaneStride + i] = lane2.next(entries, drop);
    if constexpr (kLanes > 3) symbols[3 * kLaneStride + i] = lane3.next(entries, drop);
  };
  const auto advance = [&]() __attribute__((always_inline)) {
    lane0.advance();
    if constexpr (kLanes > 1) lane1.advance();
    if constexpr (kLanes > 2) lane2.advance();
    if constexpr (kLanes > 3) lane3.advance();
  };
  std::size_t i = from;
  for (; i + kPerWord <= to; i += kPerWord) {
    load();
    static_assert(kPerWord == 5);
    step(i);
    step(i + 1);
    step(i + 2);
    step(i + 3);
    step(i + 4);
    advance();
  }
  load();
  for (; i < to; ++i) step(i);
  advance();
  bit[0] = lane0.bit;
  if constexpr (kLanes > 1) bit[1] = lane1.bit;
  if constexpr (kLanes > 2) bit[2] = lane2.bit;
  if constexpr (kLanes > 3) bit[3] = lane3.bit;
}

MILLWRIGHT_SHARED void read_some(const CodeTable& table, std::size_t lanes,
                                 const std::uint8_t* bytes, std::size_t* bit, std::uint8_t* symbols,
                                 std::size_t from, std::size_t to) {
  switch (lanes) {
    case 4:
      return read_lanes<4>(table, bytes, bit, symbols, from, to);
    case 3:
      return read_lanes<3>(table, bytes, bit, symbols, from, to);
    case 2:
      return read_lanes<2>(table, bytes, bit, symbols, from, to);
    case 1:
      return read_lanes<1>(table, bytes, bit, symbols, from, to);
    default:
      return;
  }
}

MILLWRIGHT_SHARED void read_all(const CodeTable& table, std::span<SymbolLane> lanes,
                                LaneSymbols& symbols) {
  const std::uint8_t* const bytes = lanes[0].bytes;
  std::size_t bit[kMaxLanes] = {};
  const auto start = [&](std::size_t k) {
    return static_cast<std::size_t>(lanes[k].bytes - bytes) * 8;
  };
  for (std::size_t k = 0; k < lanes.size(); ++k) bit[k] = start(k);
  const std::size_t least = lanes.back().count;
  read_some(table, lanes.size(), bytes, bit, symbols.data(), 0, least);
  read_some(table, lanes.size() - 1, bytes, bit, symbols.data(), least, lanes.front().count);
  for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k].used_bits = bit[k] - start(k);
}

void read_symbols_portable(const CodeTable& table, std::span<SymbolLane> lanes,
                           LaneSymbols& symbols) {
  read_all(table, lanes, symbols);
}

// Packed integers ---------------------------------------------------------------------------------

std::uint64_t mask_of(unsigned width) {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

std::uint64_t packed_at(const std::uint8_t* packed, unsigned width, std::size_t i) {
  const std::size_t bit = i * width;
  std::uint64_t value = load_word(packed + bit / 8) >> (bit % 8);
  if (bit % 8 + width > 64) value |= std::uint64_t{packed[bit / 8 + 8]} << (64 - bit % 8);
  return value & mask_of(width);
}

void unpack_from(std::size_t first, const std::uint8_t* packed, unsigned width,
                 const std::uint8_t* symbols, std::uint64_t bias, std::span<std::uint64_t> out) {
  for (std::size_t i = first; i < out.size(); ++i) {
    const std::uint64_t top = symbols == nullptr ? 0 : std::uint64_t{symbols[i]} << width;
    out[i] = packed_at(packed, width, i) + top + bias;
  }
}

void unpack_portable(const std::uint8_t* packed, unsigned width, const std::uint8_t* symbols,
                     std::uint64_t bias, std::span<std::uint64_t> out) {
  unpack_from(0, packed, width, symbols, bias, out);
}

// Values and times --------------------------------------------------------------------------------

void to_decimal_from(std::size_t first, std::span<const std::uint64_t> number, double power,
                     double* out) {
  for (std::size_t i = first; i < number.size(); ++i) {
    out[i] = static_cast<double>(static_cast<std::int64_t>(number[i])) / power;
  }
}

void to_decimal_portable(std::span<const std::uint64_t> number, double power, double* out) {
  to_decimal_from(0, number, power, out);
}

MILLWRIGHT_SHARED void to_real_all(const std::uint64_t* number, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t n = number[i];
    const std::uint64_t negative = (kSign - n) | kSign;
    out[i] = std::bit_cast<double>(static_cast<std::int64_t>(n) < 0 ? negative : n);
  }
}

void to_real_portable(std::span<const std::uint64_t> number, double* out) {
  to_real_all(number.data(), number.size(), out);
}

MILLWRIGHT_SHARED void to_times_all(const std::uint64_t* number, std::size_t count,
                                    std::uint64_t base, std::uint64_t step, std::uint64_t unit,
                                    std::int64_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = static_cast<std::int64_t>(base + i * step + unit * number[i]);
  }
}

void to_times_portable(std::span<const std::uint64_t> number, std::uint64_t base,
                       std::uint64_t step, std::uint64_t unit, std::int64_t* out) {
  to_times_all(number.data(), number.size(), base, step, unit, out);
}

MILLWRIGHT_SHARED bool ascends_all(const std::int64_t* numbers, std::size_t count) {
  std::uint64_t wrong = 0;
  for (std::size_t i = 1; i < count; ++i) wrong |= numbers[i] <= numbers[i - 1] ? 1 : 0;
  return wrong == 0;
}

bool ascends_portable(std::span<const std::int64_t> numbers) {
  return ascends_all(numbers.data(), numbers.size());
}

#if defined(MILLWRIGHT_AVX2)

MILLWRIGHT_AVX2 void read_symbols_avx2(const CodeTable& table, std::span<SymbolLane> lanes,
                                       LaneSymbols& symbols) {
  read_all(table, lanes, symbols);
}

/// Eight values of one width fill `width` bytes. They are taken as four pairs: the 16 bytes from
/// the pair's first bit on hold both, a byte shuffle gives each its own word, a shift aligns it.
struct Pairs {
  alignas(32) std::uint8_t shuffle[4][16];
  alignas(32) std::uint64_t shift[8];
  std::size_t start[4];
};

constexpr Pairs pairs_of(unsigned width) {
  Pairs p{};
  for (std::size_t pair = 0; pair < 4; ++pair) {
    const std::size_t bit = 2 * pair * width;
    p.start[pair] = bit / 8;
    for (std::size_t k = 0; k < 2; ++k) {
      const std::size_t from = bit % 8 + k * width;
      p.shift[2 * pair + k] = from % 8;
      for (std::size_t byte = 0; byte < 8; ++byte) {
        const std::size_t source = from / 8 + byte;
        p.shuffle[pair][8 * k + byte] = static_cast<std::uint8_t>(source < 16 ? source : 0x80);
      }
    }
  }
  return p;
}

constexpr unsigned kMaxPairedWidth = 57;  // with up to 7 bits before it in one word

constexpr auto kPairs = [] {
  std::array<Pairs, kMaxPairedWidth + 1> all{};
  for (unsigned width = 0; width < all.size(); ++width) all[width] = pairs_of(width);
  return all;
}();

MILLWRIGHT_AVX2 inline __m256i two_lanes(const std::uint8_t* low, const std::uint8_t* high) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
}

template <bool kSymbols>
MILLWRIGHT_AVX2 void unpack_eights(const std::uint8_t* packed, unsigned width,
                                   const std::uint8_t* symbols, std::uint64_t bias,
                                   std::uint64_t* out, std::size_t count) {
  const Pairs& p = kPairs[width];
  const __m256i mask = _mm256_set1_epi64x(static_cast<std::int64_t>(mask_of(width)));
  const __m256i add = _mm256_set1_epi64x(static_cast<std::int64_t>(bias));
  const __m128i left = _mm_cvtsi32_si128(static_cast<int>(width));
  const __m256i shuffle0 = _mm256_load_si256(reinterpret_cast<const __m256i*>(p.shuffle[0]));
  const __m256i shuffle1 = _mm256_load_si256(reinterpret_cast<const __m256i*>(p.shuffle[2]));
  const __m256i shift0 = _mm256_load_si256(reinterpret_cast<const __m256i*>(p.shift));
  const __m256i shift1 = _mm256_load_si256(reinterpret_cast<const __m256i*>(p.shift + 4));
  const std::size_t start1 = p.start[1];
  const std::size_t start2 = p.start[2];
  const std::size_t start3 = p.start[3];
  for (std::size_t i = 0; i < count; i += 8, packed += width) {
    const __m256i raw0 = two_lanes(packed, packed + start1);
    const __m256i raw1 = two_lanes(packed + start2, packed + start3);
    __m256i v0 = _mm256_srlv_epi64(_mm256_shuffle_epi8(raw0, shuffle0), shift0);
    __m256i v1 = _mm256_srlv_epi64(_mm256_shuffle_epi8(raw1, shuffle1), shift1);
    v0 = _mm256_add_epi64(_mm256_and_si256(v0, mask), add);
    v1 = _mm256_add_epi64(_mm256_and_si256(v1, mask), add);
    if constexpr (kSymbols) {
      const __m128i s = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(symbols + i));
      v0 = _mm256_add_epi64(v0, _mm256_sll_epi64(_mm256_cvtepu8_epi64(s), left));
      v1 = _mm256_add_epi64(v1, _mm256_sll_epi64(_mm256_cvtepu8_epi64(_mm_srli_si128(s, 4)), left));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), v0);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i + 4), v1);
  }
}

void unpack_avx2(const std::uint8_t* packed, unsigned width, const std::uint8_t* symbols,
                 std::uint64_t bias, std::span<std::uint64_t> out) {
  if (width > kMaxPairedWidth) return unpack_portable(packed, width, symbols, bias, out);
  const std::size_t eights = out.size() / 8 * 8;
  if (symbols == nullptr) {
    unpack_eights<false>(packed, width, symbols, bias, out.data(), eights);
  } else {
    unpack_eights<true>(packed, width, symbols, bias, out.data(), eights);
  }
  unpack_from(eights, packed, width, symbols, bias, out);
}

/// Both halves of a 64-bit integer put into the mantissas of doubles of a known size, which are
/// then taken away again: the only rounding is that of the last addition.
MILLWRIGHT_AVX2 inline __m256d to_doubles(__m256i n) {
  const __m256i low_size = _mm256_set1_epi64x(0x4330000000000000);                   // 2^52
  const __m256i high_size = _mm256_set1_epi64x(0x4530000080000000);                  // 2^84 + 2^63
  const __m256d both = _mm256_castsi256_pd(_mm256_set1_epi64x(0x4530000080100000));  // + 2^52
  const __m256i high = _mm256_xor_si256(_mm256_srli_epi64(n, 32), high_size);
  const __m256i low = _mm256_blend_epi32(low_size, n, 0b01010101);
  return _mm256_add_pd(_mm256_sub_pd(_mm256_castsi256_pd(high), both), _mm256_castsi256_pd(low));
}

MILLWRIGHT_AVX2 void to_decimal_avx2(std::span<const std::uint64_t> number, double power,
                                     double* out) {
  const std::size_t fours = number.size() / 4 * 4;
  const __m256d divisor = _mm256_set1_pd(power);
  for (std::size_t i = 0; i < fours; i += 4) {
    const __m256i n = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(number.data() + i));
    __m256d v = to_doubles(n);
    if (power != 1) v = _mm256_div_pd(v, divisor);
    _mm256_storeu_pd(out + i, v);
  }
  to_decimal_from(fours, number, power, out);
}

MILLWRIGHT_AVX2 __attribute__((optimize("O3"))) void to_real_avx2(
    std::span<const std::uint64_t> number, double* out) {
  to_real_all(number.data(), number.size(), out);
}

MILLWRIGHT_AVX2 void to_times_avx2(std::span<const std::uint64_t> number, std::uint64_t base,
                                   std::uint64_t step, std::uint64_t unit, std::int64_t* out) {
  if (unit >> 32 != 0) return to_times_portable(number, base, step, unit, out);
  const std::size_t fours = number.size() / 4 * 4;
  const auto word = [](std::uint64_t v) { return static_cast<std::int64_t>(v); };
  const __m256i units = _mm256_set1_epi64x(word(unit));
  const __m256i four_steps = _mm256_set1_epi64x(word(4 * step));
  __m256i grid = _mm256_set_epi64x(word(base + 3 * step), word(base + 2 * step), word(base + step),
                                   word(base));
  for (std::size_t i = 0; i < fours; i += 4) {
    const __m256i n = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(number.data() + i));
    const __m256i low = _mm256_mul_epu32(n, units);
    const __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(n, 32), units);
    const __m256i product = _mm256_add_epi64(low, _mm256_slli_epi64(high, 32));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm256_add_epi64(grid, product));
    grid = _mm256_add_epi64(grid, four_steps);
  }
  to_times_all(number.data() + fours, number.size() - fours, base + fours * step, step, unit,
               out + fours);
}

MILLWRIGHT_AVX2 __attribute__((optimize("O3"))) bool ascends_avx2(
    std::span<const std::int64_t> numbers) {
  return ascends_all(numbers.data(), numbers.size());
}

#endif

constexpr Kernels kPortable = {"portable",          read_symbols_portable, unpack_portable,
                               to_decimal_portable, to_real_portable,      to_times_portable,
                               ascends_portable};

const Kernels& choose() {
#if defined(MILLWRIGHT_AVX2)
  static constexpr Kernels kAvx2 = {"avx2",       read_symbols_avx2, unpack_avx2, to_decimal_avx2,
                                    to_real_avx2, to_times_avx2,     ascends_avx2};
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return kAvx2;
#endif
  return kPortable;
}

}  // namespace

const Kernels& portable_kernels() { return kPortable; }

const Kernels& fastest_kernels() {
  static const Kernels& kChosen = choose();
  return kChosen;
}

}  // namespace millwright::chunk
