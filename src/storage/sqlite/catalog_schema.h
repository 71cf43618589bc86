#pragma once
/// The tables of catalog.db, forward only. Described in docs/formats/tenant-folder.md.

#include <span>

namespace millwright {

std::span<const char* const> catalog_migrations();

}  // namespace millwright
