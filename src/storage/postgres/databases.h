#pragma once
/// The databases of a server. Threads: those of the Connection, which may be to any of them.

#include "base/ids.h"
#include "postgres/connection.h"

namespace millwright::pg {

/// "tenant_100000".
std::string database_name(const TenantId& tenant);
Result<bool> has_database(postgres::Connection& connection, const std::string& name);
/// Errors: kAlreadyExists.
Result<> create_database(postgres::Connection& connection, const std::string& name);
/// Ends the connections to it.
Result<> drop_database(postgres::Connection& connection, const std::string& name);
/// The statement that does so, for people.
std::string drop_statement(const std::string& name);

}  // namespace millwright::pg
