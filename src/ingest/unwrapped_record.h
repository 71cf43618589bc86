#pragma once
/// A record as it came, read, with the way it took through older epochs. Pure; any thread.

#include <string_view>
#include <vector>

#include "record/record.h"
#include "storage/sample_store.h"

namespace millwright::ingest {

/// A place that the record had before it was moved.
struct Hop {
  EpochId epoch{};  ///< as on the wire
  std::uint64_t seq = 0;
  bool forked = false;
};

struct UnwrappedRecord {
  std::string_view bytes;  ///< of the whole record; not owned
  std::vector<Hop> hops;   ///< newest first; empty for a record that never moved
  Result<record::Record> content;
};

/// Reads a record and, for a moved one, what is inside, at most 8 moves deep.
UnwrappedRecord unwrap(std::string_view bytes);

/// Samples inside; 0 for what carries none.
std::size_t count_samples(const UnwrappedRecord& record);

}  // namespace millwright::ingest
