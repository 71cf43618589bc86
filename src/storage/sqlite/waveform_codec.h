#pragma once
/// The values of a waveform block as bytes, and back, lossless.
///
/// The four bytes of the floats in planes of their own, then deflated: sign and exponent vary
/// little in vibration, mantissas hardly compress. Drawn in docs/formats/chunk.md; CRC-32C at the
/// end. Pure: safe from any thread.

#include <span>

#include "base/result.h"
#include "storage/sqlite/bytes.h"

namespace millwright {

/// 1 to kMaxWaveformValues (sample_rules.h) values. About 20 ns a value.
Bytes encode_waveform(std::span<const float> value);
/// Errors: kDataLoss with the reason, for bytes that encode_waveform() has not written.
Result<std::vector<float>> decode_waveform(std::span<const std::uint8_t> bytes);

}  // namespace millwright
