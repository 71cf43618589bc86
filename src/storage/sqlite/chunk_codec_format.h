#pragma once
/// What the writer and the reader of a chunk agree on. Drawn in docs/formats/chunk.md.

#include <cstdint>
#include <span>

#include "base/result.h"
#include "model/samples.h"
#include "storage/sqlite/chunk_codec_kernels.h"

namespace millwright::chunk {

inline constexpr std::uint8_t kVersion = 2;

/// The byte after the version: the block size's logarithm, and what the chunk has.
inline constexpr std::uint8_t kBlockSizeBits = 0x0F;
inline constexpr std::uint8_t kRealValues = 0x10;
inline constexpr std::uint8_t kHasJumps = 0x20;
inline constexpr std::uint8_t kHasRepeats = 0x40;
inline constexpr std::uint8_t kHasLiterals = 0x80;

inline constexpr unsigned kMinBlockSizeLog2 = 5;

/// The byte of decimals.
inline constexpr std::uint8_t kRoundsToFloat = 0x80;
inline constexpr unsigned kMaxDecimals = 15;
inline constexpr double kPowers[kMaxDecimals + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// decode_chunk() with chosen kernels; the whole chunk where `range` is null.
Result<> decode_with(const Kernels& kernels, std::span<const std::uint8_t> bytes,
                     const TimeRange* range, SampleColumns& out);

}  // namespace millwright::chunk
