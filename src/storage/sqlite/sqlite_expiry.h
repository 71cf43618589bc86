#pragma once
/// Retention's question to a file that another process may have open.

#include <filesystem>

#include "storage/sample_store.h"

namespace millwright {

/// SampleStore::expirable() of a `samples.db`, as a reader only: nothing is created or changed, a
/// server may run. A file that is missing holds nothing.
Result<Expirable> expirable_in(const std::filesystem::path& samples_db,
                               std::span<const Expiry> expiries);

}  // namespace millwright
