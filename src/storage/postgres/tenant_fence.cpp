#include "storage/postgres/tenant_fence.h"

#include "storage/postgres/tenant_tables.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;
using postgres::Transaction;

namespace {

// The words are kMovedWords; what begins with MW is told as it stands (postgres/connection.h).
constexpr const char* kRefuse = R"sql(
CREATE FUNCTION tenant_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the tenant has moved to another database server; try again'
    USING ERRCODE = 'MW001', DETAIL = (SELECT holder FROM public.writer);
END $$
)sql";

}  // namespace

Result<> lock_catalog(Connection& connection) {
  std::string names;
  for (const char* table : catalog_tables())
    names += (names.empty() ? "" : ", ") + std::string(table);
  return connection.execute("LOCK TABLE " + names + " IN SHARE ROW EXCLUSIVE MODE");
}

Result<> close_for_ever(Connection& connection, std::int64_t fencing, const std::string& place) {
  MW_ASSIGN(const std::int64_t closed,
            connection.run("UPDATE writer SET holder = $1, fencing = fencing + 1, "
                           "expires_at = 'infinity' WHERE fencing = $2",
                           place, fencing));
  if (closed == 0) {
    return Error{ErrorCode::kAborted,
                 "another process has written the tenant meanwhile; nothing was changed, move it "
                 "again",
                 {}};
  }
  MW_TRY(connection.execute(kRefuse));
  for (const char* table : catalog_tables()) {
    MW_TRY(connection.execute(
        "CREATE TRIGGER tenant_moved "
        "BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON " +
        std::string(table) + " FOR EACH STATEMENT EXECUTE FUNCTION tenant_moved()"));
  }
  return {};
}

Result<> reopen(Connection& connection) {
  MW_ASSIGN(Transaction transaction, Transaction::begin(connection));
  MW_TRY(connection.execute("DROP FUNCTION IF EXISTS tenant_moved() CASCADE"));
  MW_TRY(
      connection.execute("UPDATE writer SET expires_at = now() - interval '1 s' "
                         "WHERE expires_at = 'infinity'"));
  return transaction.commit();
}

Result<std::optional<std::string>> moved_to(Connection& connection) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT holder FROM writer WHERE expires_at = 'infinity'"));
  if (rows.empty()) return std::optional<std::string>();
  return rows.optional_text(0, 0);
}

}  // namespace millwright::pg
