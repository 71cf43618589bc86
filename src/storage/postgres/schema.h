#pragma once
/// The tables of a tenant's database and of the directory, forward only. Described in
/// docs/formats/postgres.md.

#include <span>

namespace millwright::pg {

std::span<const char* const> directory_migrations();
std::span<const char* const> catalog_migrations();
std::span<const char* const> samples_migrations();

}  // namespace millwright::pg
