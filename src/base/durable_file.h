#pragma once
/// Files that are there whole or not at all, also after a crash.

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright {

/// Writes a file under a temporary name, syncs it, renames it over `path` and syncs the folder.
/// Errors: kUnavailable, with the system's words in the detail.
Result<> write_durably(const std::filesystem::path& path, std::span<const std::byte> bytes);
/// Renames a folder and syncs the parent of the new name. Errors: kUnavailable.
Result<> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// Errors: kNotFound; kUnavailable; kInvalidArgument when it is longer than `limit`.
Result<std::vector<std::byte>> read_whole(const std::filesystem::path& path, std::size_t limit);

}  // namespace millwright
