#pragma once
/// Closes a tenant's database to writers for ever: the tenant has moved to another place.
///
/// Samples: the writer's lease is taken without an end. Catalog: triggers refuse every change, also
/// by a program that has the database open. Reading goes on. Threads: those of the Connection.

#include "postgres/connection.h"

namespace millwright::pg {

/// What a late writer hears.
inline constexpr const char* kMovedWords =
    "the tenant has moved to another database server; try again";

/// Waits for the transactions that change the catalog, and lets no other begin. In a transaction.
Result<> lock_catalog(postgres::Connection& connection);
/// In a transaction, after lock_catalog(). `fencing`: of the lease that the caller has. `place`:
/// for people. Errors: kAborted where another process has taken the lease.
Result<> close_for_ever(postgres::Connection& connection, std::int64_t fencing,
                        const std::string& place);
/// Undoes close_for_ever().
Result<> reopen(postgres::Connection& connection);
/// The place that was given to close_for_ever(); missing where the database is open.
Result<std::optional<std::string>> moved_to(postgres::Connection& connection);

}  // namespace millwright::pg
