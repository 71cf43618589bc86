// Bytes that no encoder wrote, under a right checksum: the reader refuses them or answers samples
// that keep the rules, and never reads where it must not (run under AddressSanitizer as well).
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "storage/sqlite/chunk_codec.h"
#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_testing.h"

namespace millwright {
namespace {

using testing::TimeKind;
using testing::ValueKind;

/// Chunks of every kind, short enough that most mutations meet a head.
std::vector<Bytes> seeds(std::mt19937_64& random) {
  std::vector<Bytes> out;
  ChunkEncoder encoder;
  for (int t = 0; t < static_cast<int>(TimeKind::kCount); ++t) {
    for (int v = 0; v < static_cast<int>(ValueKind::kCount); ++v) {
      const auto samples =
          testing::make_samples(static_cast<TimeKind>(t), static_cast<ValueKind>(v),
                                1 + random() % (v % 3 == 0 ? 1'200 : 90), random);
      out.push_back(encoder.encode(samples.timestamp_us, samples.value));
    }
  }
  return out;
}

Bytes mutated(const std::vector<Bytes>& all, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  Bytes bytes = all[below(all.size())];
  const std::size_t edits = 1 + below(3);
  for (std::size_t i = 0; i < edits; ++i) {
    // Heads lie at the front.
    const std::size_t at =
        below(below(2) == 0 ? std::min<std::size_t>(bytes.size(), 48) : bytes.size());
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(6)) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 2:
        bytes[at] = below(2) == 0 ? 0 : 0xFF;
        break;
      case 3:
        bytes.insert(place, static_cast<std::uint8_t>(random()));
        break;
      case 4:
        bytes.erase(place);
        break;
      default: {  // the end of another chunk
        const Bytes& other = all[below(all.size())];
        const std::size_t from = below(other.size());
        bytes.resize(at);
        bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
    }
    if (bytes.size() < 6) bytes.resize(6);
  }
  bytes[0] = chunk::kVersion;
  testing::seal(bytes);
  return bytes;
}

TEST(ChunkCodecFuzz, MutatedBytesAreRefusedOrKeepTheRules) {
  const unsigned seed = 20'261'126;
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  const std::vector<Bytes> all = seeds(random);
  int answered = 0;
  int refused = 0;
  for (int round = 0; round < 150'000; ++round) {
    const Bytes bytes = mutated(all, random);
    SampleColumns portable;
    SampleColumns fast;
    const auto decoded = chunk::decode_with(chunk::portable_kernels(), bytes, nullptr, portable);
    const auto again = chunk::decode_with(chunk::fastest_kernels(), bytes, nullptr, fast);
    ASSERT_EQ(decoded.has_value(), again.has_value()) << round;
    if (!decoded) {
      ++refused;
      ASSERT_EQ(decoded.error().code, ErrorCode::kDataLoss);
      continue;
    }
    ++answered;
    ASSERT_GE(portable.size(), 1u);
    ASSERT_LE(portable.size(), kMaxChunkSamples);
    ASSERT_EQ(portable.value.size(), portable.size());
    for (std::size_t i = 1; i < portable.size(); ++i) {
      ASSERT_LT(portable.timestamp_us[i - 1], portable.timestamp_us[i]) << round;
    }
    ASSERT_EQ(fast.timestamp_us, portable.timestamp_us) << round;
    ASSERT_TRUE(testing::same_bits(fast.value, portable.value)) << round;
    const TimeRange range{portable.timestamp_us[portable.size() / 3],
                          portable.timestamp_us[portable.size() / 2]};
    SampleColumns part;
    if (chunk::decode_with(chunk::fastest_kernels(), bytes, &range, part)) {
      ASSERT_EQ(part.size(), portable.size() / 2 - portable.size() / 3) << round;
    }
  }
  EXPECT_GT(answered, 1'000) << "the mutations leave hardly a chunk readable";
  EXPECT_GT(refused, 1'000) << "the mutations hardly hurt";
}

TEST(ChunkCodecFuzz, RandomBytesAreRefusedOrKeepTheRules) {
  const unsigned seed = 20'261'127;
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  SampleColumns out;
  for (int round = 0; round < 100'000; ++round) {
    Bytes bytes(6 + random() % 80);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random() >> (random() % 60));
    bytes[0] = static_cast<std::uint8_t>(1 + random() % 2);
    testing::seal(bytes);
    const auto decoded = decode_chunk(bytes, out);
    if (decoded) {
      ASSERT_EQ(out.timestamp_us.size(), out.value.size());
    } else {
      ASSERT_EQ(decoded.error().code, ErrorCode::kDataLoss);
    }
  }
}

}  // namespace
}  // namespace millwright
