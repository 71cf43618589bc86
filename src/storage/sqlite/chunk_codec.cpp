#include "storage/sqlite/chunk_codec.h"

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_time_reader.h"
#include "storage/sqlite/chunk_codec_v1.h"
#include "storage/sqlite/chunk_codec_value_reader.h"

namespace millwright {
namespace chunk {

Error damaged(std::string reason) { return {ErrorCode::kDataLoss, std::move(reason), {}}; }

namespace {

/// One chunk of version 2 at a time.
struct ChunkReader {
  Head head;
  TimeReader times;
  ValueReader values;

  Result<> open(std::span<const std::uint8_t> body, const Kernels& kernels);

 private:
  Bytes bytes_;  // the chunk, with room behind it that kernels may read
};

Result<> ChunkReader::open(std::span<const std::uint8_t> body, const Kernels& kernels) {
  bytes_.resize(std::max(bytes_.size(), body.size() + kChunkSlack));
  std::memcpy(bytes_.data(), body.data(), body.size());
  ByteReader in{std::span<const std::uint8_t>(bytes_).first(body.size())};
  std::uint8_t has = 0;
  std::uint64_t count = 0;
  if (!in.get_byte(has)) return damaged("the chunk is cut off");
  const unsigned block_size_log2 = has & kBlockSizeBits;
  if (block_size_log2 < kMinBlockSizeLog2 || block_size_log2 > kMaxBlockSizeLog2) {
    return damaged("the chunk has an impossible block size");
  }
  if (!in.get_varint(count) || count == 0 || count > kMaxChunkSamples) {
    return damaged("the chunk has an impossible number of samples");
  }
  head = {count, block_size_log2, has, &kernels};
  if (!times.open(in, head)) return damaged("the chunk's timestamps make no sense");
  if (!values.open(in, head) || !in.rest().empty()) {
    return damaged("the chunk's values make no sense");
  }
  return {};
}

/// Keeps the samples in the range.
Span cut_to(TimeRange range, std::vector<std::int64_t>& time) {
  const auto first = std::ranges::lower_bound(time, range.start_us);
  const auto end = std::lower_bound(first, time.end(), range.end_us);
  const Span kept{static_cast<std::size_t>(first - time.begin()),
                  static_cast<std::size_t>(end - time.begin())};
  if (kept.first > 0) std::copy(first, end, time.begin());
  time.resize(kept.size());
  return kept;
}

/// The bytes between version and checksum, after checking both; the version by itself.
Result<std::uint8_t> verified(std::span<const std::uint8_t> bytes,
                              std::span<const std::uint8_t>& body) {
  if (bytes.size() < sizeof(std::uint32_t)) return damaged("the chunk is cut off");
  body = bytes.first(bytes.size() - sizeof(std::uint32_t));
  std::uint32_t stored = 0;
  ByteReader(bytes.subspan(body.size())).get_u32(stored);
  if (stored != crc32c(body)) {
    return damaged("the chunk's checksum does not match");
  }
  const std::uint8_t version = body.empty() ? 0 : body[0];
  if (version != 1 && version != kVersion) {
    return damaged("the chunk has format " + std::to_string(version) + ", which is not known");
  }
  body = body.subspan(1);
  return version;
}

ChunkReader& reader_of_this_thread() {
  thread_local const auto reader = std::make_unique<ChunkReader>();
  return *reader;
}

}  // namespace

Result<> decode_with(const Kernels& kernels, std::span<const std::uint8_t> bytes,
                     const TimeRange* range, SampleColumns& out) {
  std::span<const std::uint8_t> body;
  MW_ASSIGN(const std::uint8_t version, verified(bytes, body));
  if (version == 1) {
    MW_TRY(decode_version_1(ByteReader(body), out));
    if (range == nullptr) return {};
    const Span kept = cut_to(*range, out.timestamp_us);
    const auto first = out.value.begin() + static_cast<std::ptrdiff_t>(kept.first);
    std::copy_n(first, kept.size(), out.value.begin());
    out.value.resize(kept.size());
    return {};
  }
  ChunkReader& reader = reader_of_this_thread();
  MW_TRY(reader.open(body, kernels));
  Span samples{0, reader.head.count};
  std::size_t first = 0;
  if (!(range == nullptr ? reader.times.read(out.timestamp_us)
                         : reader.times.read(*range, out.timestamp_us, first))) {
    return damaged("the chunk's timestamps make no sense");
  }
  if (range != nullptr) {
    samples = cut_to(*range, out.timestamp_us);
    samples.first += first;
    samples.end += first;
  }
  if (!reader.values.read(samples, out.value)) return damaged("the chunk's values make no sense");
  return {};
}

}  // namespace chunk

Result<> decode_chunk(std::span<const std::uint8_t> bytes, SampleColumns& out) {
  return chunk::decode_with(chunk::fastest_kernels(), bytes, nullptr, out);
}

Result<> decode_chunk(std::span<const std::uint8_t> bytes, TimeRange range, SampleColumns& out) {
  return chunk::decode_with(chunk::fastest_kernels(), bytes, &range, out);
}

}  // namespace millwright
