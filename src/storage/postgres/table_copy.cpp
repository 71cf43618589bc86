#include "storage/postgres/table_copy.h"

#include "base/text.h"
#include "postgres/copy_through.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {

struct Columns {
  std::string names;   ///< by name: where a column stands depends on a table's history
  std::string hashed;  ///< types of extensions as text: their numbers differ between databases
};

Result<Columns> columns_of(Connection& connection, const std::string& table) {
  MW_ASSIGN(const Rows rows,
            connection.query(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname), "
                "string_agg(quote_ident(attname) || CASE WHEN atttypid >= 16384 THEN '::text' "
                "ELSE '' END, ', ' ORDER BY attname) FROM pg_attribute "
                "WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
                table));
  return Columns{rows.text(0, 0), rows.text(0, 1)};
}

}  // namespace

Result<TableDigest> digest(Connection& connection, const std::string& table) {
  MW_ASSIGN(const Columns columns, columns_of(connection, table));
  MW_ASSIGN(const Rows rows,
            connection.query_built("SELECT count(*), coalesce(sum(hash_record_extended(ROW("
                                   "record_send(ROW(" +
                                   columns.hashed + "))), 0)), 0)::text FROM " + table));
  return TableDigest{rows.integer(0, 0), rows.text(0, 1)};
}

Result<std::int64_t> copy_table(Connection& from, Connection& to, const std::string& table,
                                const std::string& condition) {
  MW_ASSIGN(const Columns columns, columns_of(from, table));
  MW_ASSIGN(const Columns other, columns_of(to, table));
  if (columns.names != other.names) {
    return failed_precondition("table " + quote(table) +
                               " has other columns on the other server; use the same version of "
                               "millwright for both");
  }
  return postgres::copy_through(
      from, "SELECT " + columns.names + " FROM " + table + " WHERE " + condition, to,
      table + " (" + columns.names + ")");
}

Result<> copy_sequences(Connection& from, Connection& to) {
  MW_ASSIGN(const Rows sequences,
            from.query("SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'S' "
                       "AND relnamespace = 'public'::regnamespace ORDER BY relname"));
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::string name = sequences.text(i, 0);
    MW_ASSIGN(const Rows state, from.query_built("SELECT last_value, is_called FROM " + name));
    MW_TRY(to.query("SELECT setval($1::text::regclass, $2, $3)", name, state.integer(0, 0),
                    state.integer(0, 1) != 0));
  }
  return {};
}

}  // namespace millwright::pg
