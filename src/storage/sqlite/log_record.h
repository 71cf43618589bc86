#pragma once
/// The bytes of a batch in the log: what a commit brought, until it lies in chunks.
///
/// Made for speed: one pass, about 5 bytes a sample, nothing that needs the batches before. The
/// format is drawn in docs/formats/log.md. Pure.

#include "storage/sample_store.h"
#include "storage/sqlite/bytes.h"

namespace millwright {

/// Appends the batch's bytes to `out`. The runs must add up to the columns. About 15 ns a sample.
void encode_log_record(const SampleBatch& batch, Bytes& out);

/// Replaces `out` by the batch. Errors: kDataLoss where the bytes are not what was written.
Result<> decode_log_record(std::span<const std::uint8_t> bytes, SampleBatch& out);

}  // namespace millwright
