#pragma once
/// Every table of a tenant's database, named once: what moves with the tenant, and what does not.

#include <span>

#include "postgres/connection.h"

namespace millwright::pg {

/// In the order in which they refer to each other.
std::span<const char* const> catalog_tables();
/// Without numeric_scalar_values, which lies by time (time_layout.h).
std::span<const char* const> sample_tables();
/// Each database has its own: derived from the others, or about the database itself.
std::span<const char* const> unmoved_tables();
/// Left in a database by a move that has not ended.
inline constexpr const char* kUnfinishedMove = "unfinished_move";

/// What the lists above do not know: a move would lose it.
Result<std::vector<std::string>> unknown_tables(postgres::Connection& connection);

}  // namespace millwright::pg
