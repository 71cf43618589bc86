// The kernels that were chosen for this processor against the portable ones, bit by bit.
#include "storage/sqlite/chunk_codec_kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <vector>

#include "storage/sqlite/chunk_codec_column.h"
#include "storage/sqlite/chunk_codec_huffman.h"

namespace millwright::chunk {
namespace {

using Words = std::vector<std::uint64_t>;

std::mt19937_64 seeded() {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u, kernels %s\n", seed, fastest_kernels().name);
  return std::mt19937_64(seed);
}

Words words(std::size_t count, std::mt19937_64& random) {
  Words out(count);
  for (auto& w : out) w = random() >> (random() % 64);
  return out;
}

TEST(ChunkKernels, UnpackWhatWasPackedAtEveryWidth) {
  auto random = seeded();
  for (unsigned width = 0; width <= 64; ++width) {
    for (const std::size_t count : {1, 7, 8, 9, 64, 515}) {
      const std::uint64_t mask = width == 64 ? ~0ULL : (1ULL << width) - 1;
      const std::uint64_t bias = random();
      Words values = words(count, random);
      std::vector<std::uint8_t> symbols(count + 8);
      Bytes packed;
      put_bits(packed, values, width);
      ASSERT_EQ(packed.size(), (count * width + 7) / 8);
      packed.resize(packed.size() + kChunkSlack, 0xA5);
      for (auto& s : symbols) s = static_cast<std::uint8_t>(random() % kMaxSymbols);
      const bool with_symbols = width <= kMaxSymbolWidth && random() % 2 == 0;
      for (const auto* kernels : {&portable_kernels(), &fastest_kernels()}) {
        Words out(count);
        kernels->unpack(packed.data(), width, with_symbols ? symbols.data() : nullptr, bias, out);
        for (std::size_t i = 0; i < count; ++i) {
          const std::uint64_t top = with_symbols ? std::uint64_t{symbols[i]} << width : 0;
          ASSERT_EQ(out[i], (values[i] & mask) + top + bias) << kernels->name << ' ' << width;
        }
      }
    }
  }
}

TEST(ChunkKernels, ReadTheSymbolsOfOneToFourBlocks) {
  auto random = seeded();
  for (int round = 0; round < 200; ++round) {
    std::array<std::uint32_t, kMaxSymbols> counts{};
    const std::size_t used = 2 + random() % (kMaxSymbols - 1);
    for (std::size_t s = 0; s < used; ++s) {
      counts[s] = 1 + static_cast<std::uint32_t>(random() >> (40 + random() % 24));
    }
    const CodeLengths lengths = lengths_for(std::span(counts).first(used), kMaxCodeLength);
    const auto codes = codes_of(lengths);
    CodeTable table;
    fill_table(lengths, table);
    const std::size_t many = 1 + random() % kMaxLanes;
    const std::size_t size = 32 + random() % (kLaneStride - 31);
    const std::size_t last = 1 + random() % size;
    std::vector<std::vector<std::uint8_t>> symbols(many);
    std::vector<std::size_t> bits(many);
    std::vector<std::size_t> start(many);
    Bytes bytes;
    for (std::size_t k = 0; k < many; ++k) {
      start[k] = bytes.size();
      symbols[k].resize(k + 1 < many ? size : last);
      for (auto& s : symbols[k]) {
        s = static_cast<std::uint8_t>(random() % used);
        for (unsigned b = lengths.length[s]; b-- > 0; ++bits[k]) {  // bit by bit
          if (bits[k] % 8 == 0) bytes.push_back(0);
          bytes.back() |= static_cast<std::uint8_t>((codes[s] >> b & 1) << (7 - bits[k] % 8));
        }
      }
    }
    bytes.resize(bytes.size() + kChunkSlack, 0x5A);
    for (const auto* kernels : {&portable_kernels(), &fastest_kernels()}) {
      SymbolLane lanes[kMaxLanes];
      for (std::size_t k = 0; k < many; ++k) {
        lanes[k] = {bytes.data() + start[k], symbols[k].size(), 0};
      }
      static LaneSymbols out;
      kernels->read_symbols(table, std::span(lanes).first(many), out);
      for (std::size_t k = 0; k < many; ++k) {
        ASSERT_EQ(lanes[k].used_bits, bits[k]) << kernels->name;
        ASSERT_TRUE(std::equal(symbols[k].begin(), symbols[k].end(), out.data() + k * kLaneStride))
            << kernels->name;
      }
    }
  }
}

TEST(ChunkKernels, AgreeOnValuesAndTimes) {
  auto random = seeded();
  for (int round = 0; round < 300; ++round) {
    Words numbers = words(1 + random() % 70, random);
    for (auto& n : numbers) {
      if (random() % 2 == 0) n = 0 - n;
      if (random() % 16 == 0) n = std::uint64_t{1} << 63;
    }
    const std::size_t count = numbers.size();
    std::vector<double> values[2];
    std::vector<std::int64_t> times[2];
    const double power = random() % 3 == 0 ? 1 : 1e5;
    const std::uint64_t base = random();
    const std::uint64_t step = random();
    const std::uint64_t unit = random() >> (random() % 64);
    int which = 0;
    for (const auto* kernels : {&portable_kernels(), &fastest_kernels()}) {
      values[which].resize(2 * count);
      times[which].resize(count);
      kernels->to_decimal(numbers, power, values[which].data());
      kernels->to_real(numbers, values[which].data() + count);
      kernels->to_times(numbers, base, step, unit, times[which].data());
      ++which;
    }
    for (std::size_t i = 0; i < 2 * count; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(values[0][i]),
                std::bit_cast<std::uint64_t>(values[1][i]));
    }
    ASSERT_EQ(times[0], times[1]);
  }
}

TEST(ChunkKernels, SeeWhereTimesDoNotAscend) {
  for (const auto* kernels : {&portable_kernels(), &fastest_kernels()}) {
    std::vector<std::int64_t> times;
    EXPECT_TRUE(kernels->ascends(times));
    for (std::int64_t i = 0; i < 40; ++i) times.push_back(i * 3 - 50);
    EXPECT_TRUE(kernels->ascends(times));
    for (std::size_t i = 1; i < times.size(); ++i) {
      auto bad = times;
      bad[i] = bad[i - 1];
      EXPECT_FALSE(kernels->ascends(bad)) << kernels->name << ' ' << i;
    }
    times = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    EXPECT_TRUE(kernels->ascends(times));
  }
}

}  // namespace
}  // namespace millwright::chunk
