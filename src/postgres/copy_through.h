#pragma once
/// Rows of one server straight into a table of another, by COPY … BINARY on both sides.
///
/// Nothing is decoded on the way, so every bit arrives; a row at a time is held. Both columns lists
/// must agree in order and types. Threads: those of the connections.

#include "postgres/connection.h"

namespace millwright::postgres {

/// `query`: a SELECT; `table`: "name (columns)". Both are SQL of our own. Answers how many rows
/// were copied. Errors: those of either side, after which both connections can be used again unless
/// they are lost. Where it stands in no transaction, all rows arrive or none.
Result<std::int64_t> copy_through(Connection& from, const std::string& query, Connection& to,
                                  const std::string& table);

}  // namespace millwright::postgres
