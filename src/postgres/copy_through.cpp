#include "postgres/copy_through.h"

#include <libpq-fe.h>

namespace millwright::postgres {
namespace {

/// Answers false where `to` takes no more.
bool pump(pg_conn* from, pg_conn* to) {
  char* row = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(from, &row, 0)) > 0) {
    const int sent = PQputCopyData(to, row, size);
    PQfreemem(row);
    if (sent != 1) return false;
  }
  return true;
}

/// Ends a COPY … TO that nobody reads on.
void give_up(pg_conn* from) {
  if (PGcancel* cancel = PQgetCancel(from)) {
    char reason[256];
    PQcancel(cancel, reason, sizeof reason);
    PQfreeCancel(cancel);
  }
  char* row = nullptr;
  while (PQgetCopyData(from, &row, 0) > 0) PQfreemem(row);
  while (PGresult* result = PQgetResult(from)) PQclear(result);
}

}  // namespace

Result<std::int64_t> copy_through(Connection& from, const std::string& query, Connection& to,
                                  const std::string& table) {
  pg_conn* const out = from.connection_.get();
  pg_conn* const in = to.connection_.get();
  const std::string read = "COPY (" + query + ") TO STDOUT (FORMAT binary)";
  const std::string write = "COPY " + table + " FROM STDIN (FORMAT binary)";
  if (auto begun = from.take(PQexec(out, read.c_str())); !begun) return begun.error();
  if (auto begun = to.take(PQexec(in, write.c_str())); !begun) {
    give_up(out);
    return begun.error();
  }
  const bool all = pump(out, in);
  if (!all) give_up(out);
  const Result<std::int64_t> left = all ? from.end_of_copy() : Result<std::int64_t>(0);
  // Where this fails, the results tell why.
  (void)PQputCopyEnd(in, all && left ? nullptr : "the other side broke off");
  Result<std::int64_t> arrived = to.end_of_copy();
  return left ? arrived : left;
}

}  // namespace millwright::postgres
