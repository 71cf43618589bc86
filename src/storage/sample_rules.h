#pragma once
/// What holds in every sample store, whatever its medium: which appends fit, how a block becomes
/// samples. For adapters.
///
/// Pure: safe from any thread.

#include <optional>

#include "storage/sample_store.h"

namespace millwright {

/// Longest block that a store takes.
inline constexpr std::size_t kMaxWaveformValues = std::size_t{1} << 24;

/// Whether the parts of an append make sense by themselves: columns of equal length, finite values,
/// a waveform with 1 to kMaxWaveformValues values, a positive finite rate and an end that is a
/// timestamp, sequence numbers that ascend, and an advance wherever something belongs to its epoch.
/// Errors: kInvalidArgument naming field and value. O(samples), no allocation.
Result<> check_append(const Append& append);

/// What a store knows of the epoch that an advance names.
struct EpochPosition {
  /// Missing for an epoch that is known by a moved mark only.
  std::optional<StreamKey> stream;
  std::uint64_t watermark = 0;
};

/// Whether an advance may be applied. `session_token` is the stream's own, missing when none was
/// opened; `position` is missing when the epoch is not known. Errors: kAborted when the session is
/// fenced, kFailedPrecondition when the epoch is another stream's, kOutOfRange when base_seq is not
/// W + 1.
Result<> check_advance(const EpochAdvance& advance, std::optional<std::uint64_t> session_token,
                       const std::optional<EpochPosition>& position);

/// The samples of a block, strictly ascending: above 1 MHz several of them share a microsecond, and
/// of those the latest stays.
SampleColumns expand(const Waveform& block);

/// The answer of read() when a range holds more samples than were asked for.
Error too_many_samples(std::size_t limit);

/// Whether boundaries ascend strictly. Errors: kInvalidArgument.
Result<> check_boundaries(std::span<const std::int64_t> boundaries_us);

}  // namespace millwright
