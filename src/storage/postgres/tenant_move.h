#pragma once
/// Moves a tenant's database to another PostgreSQL server, or to another database of the same.
///
/// The rows are copied table by table in binary form, so the two servers may lay samples out
/// differently. Both sides are then counted and hashed by their servers, and the directory names
/// the new place. While samples are copied nobody writes any (lease_takeover.h), reading goes on;
/// the catalog is closed only while it is copied itself, at the end. The old database stays, closed
/// to writers for ever (tenant_fence.h), unless it is to be dropped.
///
/// Until the directory has changed the tenant lives where it was: a move that broke off is begun
/// anew by the next one, which replaces what the first one left. Threads: any.
/// Cost: some 5 us a sample; memory does not depend on the size.

#include <functional>

#include "base/ids.h"
#include "postgres/connection.h"

namespace millwright {

struct TenantMove {
  TenantId tenant;
  std::string directory;  ///< connection string of the database that lists the tenants
  /// Connection string of the other server; the database it names is made, tenant_<id> without one.
  std::string to;
  bool drop_source = false;  ///< the old database, when all is done
};

struct MovedTable {
  std::string name;
  std::int64_t rows = 0;
};

struct MovedTenant {
  std::string from, to;            ///< "database tenant_100000 on db.example.com:5432"
  std::vector<MovedTable> tables;  ///< each the same on both sides
  std::string drop_source;         ///< the statement for it; empty where it was done
  std::string not_dropped;         ///< why not, where it was to be done
};

/// Called after each part of a table: the table, and its rows so far.
using MoveProgress = std::function<void(const std::string& table, std::int64_t rows)>;

/// Errors, all of which leave the tenant where it was: kNotFound for an unknown tenant,
/// kInvalidArgument for an address that cannot be used, kAlreadyExists where the tenant is there or
/// the database has something else, kAborted where another process took the tenant over or the
/// copy is not the same, kFailedPrecondition where another move runs, kUnavailable and others as
/// postgres/connection.h says.
Result<MovedTenant> move_tenant(const TenantMove& move, const MoveProgress& progress);

}  // namespace millwright
