#include "storage/sqlite/chunk_codec_huffman.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace millwright::chunk {
namespace {

/// Sum of 2^-length: 1 where every bit pattern is the start of some code.
double completeness(const CodeLengths& lengths) {
  double sum = 0;
  for (const std::uint8_t l : lengths.used()) sum += l == 0 ? 0 : std::ldexp(1.0, -int{l});
  return sum;
}

TEST(ChunkHuffman, FollowsATextbookExample) {
  const std::vector<std::uint32_t> counts = {45, 13, 12, 16, 9, 5};
  const CodeLengths lengths = lengths_for(counts, kMaxCodeLength);
  EXPECT_EQ(std::vector<std::uint8_t>(lengths.used().begin(), lengths.used().end()),
            (std::vector<std::uint8_t>{1, 3, 3, 3, 4, 4}));
  const auto codes = codes_of(lengths);
  EXPECT_EQ(codes[0], 0b0);
  EXPECT_EQ(codes[1], 0b100);
  EXPECT_EQ(codes[3], 0b110);
  EXPECT_EQ(codes[5], 0b1111);
}

TEST(ChunkHuffman, NoCodeIsLongerThanTheLimit) {
  std::vector<std::uint32_t> counts;  // Fibonacci's numbers make the deepest trees
  std::uint32_t a = 1;
  std::uint32_t b = 1;
  for (int i = 0; i < 40; ++i) {
    counts.push_back(a);
    a = std::exchange(b, a + b);
  }
  for (const unsigned limit : {6U, 9U, kMaxCodeLength}) {
    const CodeLengths lengths = lengths_for(counts, limit);
    EXPECT_EQ(*std::ranges::max_element(lengths.used()), limit);
    EXPECT_EQ(completeness(lengths), 1);
  }
}

TEST(ChunkHuffman, CodesAreCompleteAndTheirLengthsSurvive) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::uint32_t> counts(2 + random() % (kMaxSymbols - 1));
    for (auto& c : counts) {
      c = random() % 4 == 0 ? 0 : static_cast<std::uint32_t>(random() >> (32 + random() % 31));
    }
    counts.front() = counts.back() = 1;
    const CodeLengths lengths = lengths_for(counts, round % 2 == 0 ? kMaxCodeLength : 6);
    ASSERT_EQ(completeness(lengths), 1);
    for (std::size_t s = 0; s < counts.size(); ++s) {
      ASSERT_EQ(lengths.length[s] == 0, counts[s] == 0);
    }
    Bytes bytes;
    put_lengths(bytes, lengths);
    CodeLengths read;
    ByteReader in(bytes);
    ASSERT_TRUE(get_lengths(in, read));
    ASSERT_TRUE(in.rest().empty());
    ASSERT_EQ(read.count, lengths.count);
    ASSERT_EQ(read.length, lengths.length);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ByteReader cut{std::span<const std::uint8_t>(bytes).first(size)};
      ASSERT_FALSE(get_lengths(cut, read));
    }
  }
}

TEST(ChunkHuffman, AnIncompleteCodeIsRefused) {
  CodeLengths lengths;
  lengths.count = 3;
  lengths.length = {2, 2, 2};
  Bytes bytes;
  put_lengths(bytes, lengths);
  ByteReader in(bytes);
  EXPECT_FALSE(get_lengths(in, lengths));
  lengths.count = 3;
  lengths.length = {1, 1, 1};
  bytes.clear();
  put_lengths(bytes, lengths);
  ByteReader over(bytes);
  EXPECT_FALSE(get_lengths(over, lengths));
}

}  // namespace
}  // namespace millwright::chunk
