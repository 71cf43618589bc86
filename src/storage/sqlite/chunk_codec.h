#pragma once
/// Samples of one series as compressed bytes, and back: lossless for every int64 and every double.
///
/// Timestamps as a grid and what they miss it by (chunk_codec_time_numbers.h); values as scaled
/// decimal integers where nearly all of them are short decimals, otherwise by their place in the
/// order of doubles or in a table (chunk_codec_value_numbers.h); stretches that repeat a value are
/// taken out; both columns are predicted, packed and Huffman-coded (chunk_codec_column.h). The
/// bytes are drawn in docs/formats/chunk.md and protected by a CRC-32C, which every read verifies.
///
/// Threads: an encoder is used by one thread at a time; decode_chunk() may be called from any
/// thread, each of which keeps scratch space for it.

#include <memory>
#include <span>

#include "base/result.h"
#include "model/samples.h"
#include "storage/sqlite/bytes.h"

namespace millwright {

/// A chunk that claims more is damaged.
inline constexpr std::size_t kMaxChunkSamples = 65'536;

/// Keeps its scratch space, so that a chunk costs no allocation. About 15 ns a sample in chunks of
/// 2,000, 35 ns in those of 256.
class ChunkEncoder {
 public:
  ChunkEncoder();
  ~ChunkEncoder();
  ChunkEncoder(ChunkEncoder&&) noexcept;
  ChunkEncoder& operator=(ChunkEncoder&&) noexcept;

  /// Bytes of the samples, valid until the next call. timestamp_us ascends strictly; 1 to
  /// kMaxChunkSamples samples; columns of equal length. From 256 samples on the bytes are near
  /// what the samples need; 2,000 to 4,000 spread the head (about 50 bytes) thinly.
  const Bytes& encode(std::span<const std::int64_t> timestamp_us, std::span<const double> value);

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

/// Replaces the content of `out`. Errors: kDataLoss with the reason, for bytes that encode() has
/// not written; `out` is then unspecified. O(n); allocates nothing once `out` and the thread's
/// scratch space have grown. About 2.2 ns a sample in chunks of 2,000 where there is AVX2.
Result<> decode_chunk(std::span<const std::uint8_t> bytes, SampleColumns& out);

/// Only the samples in the half-open range; perhaps none. Decodes only the blocks that reach into
/// it (512 samples each, in short chunks 128), after the checksum over all bytes.
Result<> decode_chunk(std::span<const std::uint8_t> bytes, TimeRange range, SampleColumns& out);

}  // namespace millwright
