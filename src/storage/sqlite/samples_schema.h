#pragma once
/// The tables of samples.db and chunks.db, forward only. Described in
/// docs/formats/tenant-folder.md.

#include <span>

namespace millwright {

std::span<const char* const> samples_migrations();
std::span<const char* const> chunks_migrations();

}  // namespace millwright
