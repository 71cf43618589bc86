#pragma once
/// Samples of one series as compressed bytes, and back: lossless for every int64 and every double.
///
/// Timestamps as differences of differences, values as scaled decimal integers where all of them
/// are short decimals, otherwise as bits; both packed to the width they need. The bytes are drawn
/// in docs/formats/chunk.md and protected by a CRC-32C.
///
/// Threads: an encoder is used by one thread at a time; decode_chunk() is pure.

#include <span>

#include "base/result.h"
#include "model/samples.h"
#include "storage/sqlite/bytes.h"

namespace millwright {

/// A chunk that claims more is damaged.
inline constexpr std::size_t kMaxChunkSamples = 65'536;

/// Keeps its scratch space, so that a chunk costs no allocation. About 15 ns a sample.
class ChunkEncoder {
 public:
  /// Bytes of the samples, valid until the next call. timestamp_us ascends strictly; 1 to
  /// kMaxChunkSamples samples; columns of equal length.
  const Bytes& encode(std::span<const std::int64_t> timestamp_us, std::span<const double> value);

 private:
  void encode_times(std::span<const std::int64_t> timestamp_us);
  void encode_values(std::span<const double> value);
  void encode_decimals(std::span<const double> value, unsigned decimals);
  void encode_bits(std::span<const double> value);

  Bytes out_;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint64_t> residuals_;
};

/// Replaces the content of `out`. Errors: kDataLoss with the reason, for bytes that encode() has
/// not written.
Result<> decode_chunk(std::span<const std::uint8_t> bytes, SampleColumns& out);

}  // namespace millwright
