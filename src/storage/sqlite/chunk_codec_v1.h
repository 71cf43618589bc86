#pragma once
/// Reads chunks of format version 1, which were written before version 2 came.

#include "storage/sqlite/bytes.h"
#include "storage/sqlite/chunk_codec.h"

namespace millwright::chunk {

/// What follows the version byte, without the checksum, which the caller has verified.
Result<> decode_version_1(ByteReader in, SampleColumns& out);

/// kDataLoss with the reason.
Error damaged(std::string reason);

}  // namespace millwright::chunk
