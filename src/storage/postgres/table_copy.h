#pragma once
/// A tenant's tables from one database into another of the same schema, bit by bit.
///
/// Tables are named by names of our own. Threads: those of the connections.

#include "postgres/connection.h"

namespace millwright::pg {

/// What a table holds, whatever the order and the layout of its rows.
struct TableDigest {
  std::int64_t rows = 0;
  /// Sum of PostgreSQL's 64-bit hash over each row's binary form, so that -0.0 differs from 0.0.
  /// The same on every server of one byte order.
  std::string checksum;
  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};
/// Counted by the server; reads the whole table.
Result<TableDigest> digest(postgres::Connection& connection, const std::string& table);

/// Answers how many rows were copied. `condition`: those for which it holds.
Result<std::int64_t> copy_table(postgres::Connection& from, postgres::Connection& to,
                                const std::string& table, const std::string& condition = "true");

/// Sets every sequence to where that of the other database stands: no number is given twice.
Result<> copy_sequences(postgres::Connection& from, postgres::Connection& to);

}  // namespace millwright::pg
