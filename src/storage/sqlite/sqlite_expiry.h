#pragma once
/// Retention's question to files that another process may have open.

#include <filesystem>

#include "storage/sample_store.h"

namespace millwright {

/// SampleStore::expirable() of a tenant's folder, as a reader only: nothing is created or changed,
/// a server may run. Samples that are not sealed yet are not counted. A file that is missing holds
/// nothing.
Result<Expirable> expirable_in(const std::filesystem::path& tenant_folder,
                               std::span<const Expiry> expiries);

}  // namespace millwright
