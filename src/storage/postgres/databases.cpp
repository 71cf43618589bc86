#include "storage/postgres/databases.h"

namespace millwright::pg {

using postgres::Connection;

namespace {

/// Statements about databases take no parameters.
std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string database_name(const TenantId& tenant) { return "tenant_" + tenant.str(); }

Result<bool> has_database(Connection& connection, const std::string& name) {
  MW_ASSIGN(const std::optional<std::int64_t> found,
            connection.integer("SELECT 1::bigint FROM pg_database WHERE datname = $1", name));
  return found.has_value();
}

Result<> create_database(Connection& connection, const std::string& name) {
  return connection.execute("CREATE DATABASE " + identifier(name));
}

std::string drop_statement(const std::string& name) {
  return "DROP DATABASE " + identifier(name) + " WITH (FORCE)";
}

Result<> drop_database(Connection& connection, const std::string& name) {
  return connection.execute(drop_statement(name));
}

}  // namespace millwright::pg
