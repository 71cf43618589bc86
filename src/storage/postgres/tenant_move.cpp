#include "storage/postgres/tenant_move.h"

#include "base/text.h"
#include "storage/postgres/connection_string.h"
#include "storage/postgres/databases.h"
#include "storage/postgres/lease_takeover.h"
#include "storage/postgres/schema.h"
#include "storage/postgres/table_copy.h"
#include "storage/postgres/tenant_fence.h"
#include "storage/postgres/tenant_tables.h"
#include "storage/postgres/time_layout.h"

namespace millwright {

using postgres::Connection;
using postgres::Rows;
using postgres::Transaction;

namespace {

constexpr const char* kScalars = "numeric_scalar_values";
constexpr const char* kHolder = "millwright tenant move";
constexpr std::int64_t kOldestServer = 150'000;

/// A running server, whatever it is called: a copy of one has the same number, but began later.
struct ServerIdentity {
  std::int64_t system = 0;
  std::int64_t started_us = 0;
  friend bool operator==(const ServerIdentity&, const ServerIdentity&) = default;
};
Result<ServerIdentity> identity_of(Connection& connection) {
  MW_ASSIGN(const Rows rows, connection.query("SELECT system_identifier, (extract(epoch FROM "
                                              "pg_postmaster_start_time()) * 1000000)::bigint "
                                              "FROM pg_control_system()"));
  return ServerIdentity{rows.integer(0, 0), rows.integer(0, 1)};
}

Result<Connection> open_named(const char* what, const std::string& target) {
  auto opened = Connection::open(target);
  if (opened) return opened;
  Error error = opened.error();
  error.message = std::string(what) + ", " + pg::place_words(target) + ": " + error.message;
  return error;
}

class Move {
 public:
  Move(const TenantMove& order, const MoveProgress& progress)
      : order_(order), progress_(progress) {}

  Result<MovedTenant> run() {
    MW_TRY(open_directory());
    MW_TRY(open_source());
    MW_TRY(check_target());
    MW_TRY(make_target());
    {
      MW_ASSIGN(const auto lease, pg::LeaseTakeover::begin(source_target_, kHolder));
      MW_TRY(copy_samples());
      MW_TRY(copy_catalog_and_switch(lease->fencing()));
    }
    return finish();
  }

 private:
  Result<> open_directory();
  Result<> open_source();
  Result<> check_target();
  /// The database that is there must be empty, or left by a move that broke off.
  Result<> check_left_over();
  Result<> make_target();
  Result<> copy_samples();
  Result<> copy_scalars();
  Result<> copy(const std::string& table);
  Result<> compare(const std::string& table);
  Result<> copy_catalog_and_switch(std::int64_t fencing);
  Result<> copy_catalog();
  Result<> close_source_and_switch(Transaction source, std::int64_t fencing);
  Result<bool> has_switched();
  Result<MovedTenant> finish();

  const TenantMove& order_;
  const MoveProgress& progress_;
  std::optional<Connection> directory_;  // holds the lock of this move
  std::string directory_target_;
  std::string entry_;  // of the directory: where the tenant is
  std::optional<Connection> source_;
  std::string source_target_;
  std::optional<Connection> target_;
  std::string target_database_;
  std::string target_target_;
  std::string new_entry_;
  bool is_there_ = false;   // the target's database
  bool is_left_ = false;    // by a move that broke off
  bool is_closed_ = false;  // the source, by a move that broke off
  MovedTenant moved_;
};

// What is refused ---------------------------------------------------------------------------------

Result<> Move::open_directory() {
  MW_ASSIGN(const std::string database, pg::database_of(order_.directory, "millwright"));
  directory_target_ = pg::on_same_server(order_.directory, database);
  MW_ASSIGN(directory_, open_named("the store", directory_target_));
  MW_ASSIGN(const std::optional<std::int64_t> lists,
            directory_->integer("SELECT 1::bigint WHERE to_regclass('tenants') IS NOT NULL"));
  if (!lists) {
    return failed_precondition("the store, " + pg::place_words(directory_target_) +
                               ", lists no tenants; give the address that 'millwright serve' has");
  }
  MW_ASSIGN(const std::optional<std::int64_t> alone,
            directory_->integer("SELECT pg_try_advisory_lock(7046029, hashtext($1))::int::bigint",
                                order_.tenant.str()));
  if (alone != 1) {
    return failed_precondition("tenant " + quote(order_.tenant.str()) +
                               " is being moved by another command; wait until it ends");
  }
  MW_ASSIGN(const Rows rows, directory_->query("SELECT connection FROM tenants WHERE tenant = $1",
                                               order_.tenant.str()));
  if (rows.empty()) {
    return not_found("tenant " + quote(order_.tenant.str()) +
                     " does not exist; 'millwright tenant list' lists those that do");
  }
  entry_ = rows.text(0, 0);
  return {};
}

Result<> Move::open_source() {
  source_target_ = entry_.empty()
                       ? pg::on_same_server(directory_target_, pg::database_name(order_.tenant))
                       : entry_;
  moved_.from = pg::place_words(source_target_);
  MW_ASSIGN(source_, open_named("the tenant's server", source_target_));
  MW_TRY(source_->migrate("catalog", pg::catalog_migrations()));
  MW_TRY(source_->migrate("samples", pg::samples_migrations()));
  MW_ASSIGN(const std::vector<std::string> unknown, pg::unknown_tables(*source_));
  if (!unknown.empty()) {
    return failed_precondition("table " + quote(unknown.front()) + " in " + moved_.from +
                               " is not the platform's own and would be lost; move or drop it");
  }
  return {};
}

Result<> Move::check_target() {
  MW_ASSIGN(target_database_, pg::database_of(order_.to, pg::database_name(order_.tenant)));
  if (pg::has_password(order_.to)) {
    return invalid_argument(
        "the other server's address has a password, which the directory would show; put it into a "
        "password file (~/.pgpass) or PGPASSWORD");
  }
  target_target_ = pg::on_same_server(order_.to, target_database_);
  moved_.to = pg::place_words(target_target_);
  const std::string server_target = pg::on_same_server(order_.to, "postgres");
  MW_ASSIGN(Connection server, open_named("the other server", server_target));
  MW_ASSIGN(const std::optional<std::int64_t> version,
            server.integer("SELECT current_setting('server_version_num')::bigint"));
  if (version < kOldestServer) {
    return failed_precondition("the other server is older than PostgreSQL 15; use a newer one");
  }
  MW_ASSIGN(const ServerIdentity there, identity_of(server));
  MW_ASSIGN(const ServerIdentity here, identity_of(*source_));
  MW_ASSIGN(const Rows source_database, source_->query("SELECT current_database()::text"));
  if (there == here && source_database.text(0, 0) == target_database_) {
    return already_exists("tenant " + quote(order_.tenant.str()) + " is in " + moved_.to +
                          " already; give another server");
  }
  MW_ASSIGN(const ServerIdentity directory, identity_of(*directory_));
  const bool is_default =
      there == directory && target_database_ == pg::database_name(order_.tenant);
  new_entry_ = is_default ? "" : target_target_;
  MW_ASSIGN(const std::optional<std::string> closed, pg::moved_to(*source_));
  if (closed && *closed != moved_.to) {
    return failed_precondition("the tenant has moved to " + *closed + ", but the store names " +
                               moved_.from +
                               "; move it there again, or correct the store's table 'tenants'");
  }
  is_closed_ = closed.has_value();
  MW_ASSIGN(is_there_, pg::has_database(server, target_database_));
  return is_there_ ? check_left_over() : Result<>();
}

Result<> Move::check_left_over() {
  MW_ASSIGN(Connection target, open_named("the other server", target_target_));
  MW_ASSIGN(const std::optional<std::int64_t> tables,
            target.integer("SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') "
                           "AND relnamespace = 'public'::regnamespace"));
  if (tables == 0) return {};
  const std::string name = pg::kUnfinishedMove;
  MW_ASSIGN(const std::optional<std::int64_t> is_left,
            target.integer("SELECT 1::bigint WHERE to_regclass($1) IS NOT NULL", name));
  if (is_left) {
    MW_ASSIGN(const Rows of, target.query("SELECT tenant FROM unfinished_move"));
    MW_ASSIGN(const std::optional<std::int64_t> has_writer,
              target.integer("SELECT 1::bigint WHERE to_regclass('writer') IS NOT NULL"));
    std::optional<std::int64_t> written;  // the tenant has lived there since
    if (has_writer) {
      MW_ASSIGN(written, target.integer("SELECT fencing FROM writer"));
    }
    if (!written && !of.empty() && of.text(0, 0) == order_.tenant.str()) {
      is_left_ = true;
      return {};
    }
  }
  return already_exists(moved_.to +
                        " exists and is not empty; drop it if nobody needs it, or name "
                        "another database at the end of the address");
}

// Copying -----------------------------------------------------------------------------------------

Result<> Move::make_target() {
  const std::string server_target = pg::on_same_server(order_.to, "postgres");
  MW_ASSIGN(Connection server, open_named("the other server", server_target));
  if (is_left_) MW_TRY(pg::drop_database(server, target_database_));
  if (!is_there_ || is_left_) MW_TRY(pg::create_database(server, target_database_));
  if (is_closed_) MW_TRY(pg::reopen(*source_));
  MW_ASSIGN(target_, open_named("the other server", target_target_));
  MW_TRY(target_->execute("CREATE TABLE unfinished_move (tenant text NOT NULL)"));
  MW_TRY(target_->run("INSERT INTO unfinished_move VALUES ($1)", order_.tenant.str()));
  MW_TRY(target_->migrate("catalog", pg::catalog_migrations()));
  MW_TRY(target_->migrate("samples", pg::samples_migrations()));
  return target_->execute("DELETE FROM hourly_mark");  // the source's comes with its roll-ups
}

Result<> Move::copy(const std::string& table) {
  MW_ASSIGN(const std::int64_t rows, pg::copy_table(*source_, *target_, table));
  progress_(table, rows);
  return {};
}

Result<> Move::compare(const std::string& table) {
  MW_ASSIGN(const pg::TableDigest here, pg::digest(*source_, table));
  MW_ASSIGN(const pg::TableDigest there, pg::digest(*target_, table));
  if (here != there) {
    return Error{ErrorCode::kAborted,
                 "table " + quote(table) + " is not the same on both servers (" +
                     std::to_string(here.rows) + " rows and " + std::to_string(there.rows) +
                     "); nothing was changed, move the tenant again",
                 "checksums " + here.checksum + " and " + there.checksum};
  }
  moved_.tables.push_back({table, here.rows});
  return {};
}

Result<> Move::copy_scalars() {
  pg::TimeLayout from, to;
  MW_TRY(from.open(*source_));
  MW_TRY(to.open(*target_));
  MW_ASSIGN(const std::vector<pg::TimeSpan> spans, from.spans(*source_));
  std::int64_t rows = 0;
  for (const pg::TimeSpan& span : spans) {
    MW_TRY(to.prepare(*target_, {&span.first_us, 1}));
    // As text, since PostgreSQL reads the least bigint as a minus and a number that is too large.
    MW_ASSIGN(const std::int64_t copied,
              pg::copy_table(*source_, *target_, kScalars,
                             "at_us BETWEEN '" + std::to_string(span.first_us) + "' AND '" +
                                 std::to_string(span.last_us) + "'"));
    rows += copied;
    progress_(kScalars, rows);
  }
  return {};
}

Result<> Move::copy_samples() {
  MW_TRY(copy_scalars());
  for (const char* table : pg::sample_tables()) MW_TRY(copy(table));
  MW_TRY(compare(kScalars));
  for (const char* table : pg::sample_tables()) MW_TRY(compare(table));
  return {};
}

Result<> Move::copy_catalog() {
  MW_ASSIGN(Transaction transaction, Transaction::begin(*target_));
  for (const char* table : pg::catalog_tables()) MW_TRY(copy(table));
  MW_TRY(pg::copy_sequences(*source_, *target_));
  for (const char* table : pg::catalog_tables()) MW_TRY(compare(table));
  MW_TRY(transaction.commit());
  return target_->execute("ANALYZE");
}

// Switching ---------------------------------------------------------------------------------------

Result<> Move::copy_catalog_and_switch(std::int64_t fencing) {
  MW_ASSIGN(Transaction source, Transaction::begin(*source_));
  MW_TRY(pg::lock_catalog(*source_));
  MW_TRY(copy_catalog());
  return close_source_and_switch(std::move(source), fencing);
}

// The old database is closed before the directory changes: no writer is ever in both.
Result<> Move::close_source_and_switch(Transaction source, std::int64_t fencing) {
  MW_ASSIGN(Transaction listing, Transaction::begin(*directory_));
  MW_ASSIGN(const std::int64_t changed,
            directory_->run("UPDATE tenants SET connection = $2 WHERE tenant = $1 "
                            "AND connection = $3",
                            order_.tenant.str(), new_entry_, entry_));
  if (changed == 0) {
    return Error{ErrorCode::kAborted,
                 "the store names another place for the tenant than when the move began; nothing "
                 "was changed",
                 {}};
  }
  MW_TRY(pg::close_for_ever(*source_, fencing, moved_.to));
  if (auto closed = source.commit(); !closed) {
    // Perhaps it was done, and only the answer is lost.
    if (auto again = Connection::open(source_target_)) (void)pg::reopen(*again);
    return closed;
  }
  const Result<> committed = listing.commit();
  if (committed) return {};
  MW_ASSIGN(const bool switched, has_switched());
  if (switched) return {};
  MW_TRY(pg::reopen(*source_));
  return committed;
}

/// After a commit whose answer is lost.
Result<bool> Move::has_switched() {
  MW_ASSIGN(Connection again, open_named("the store", directory_target_));
  MW_ASSIGN(const Rows rows,
            again.query("SELECT connection FROM tenants WHERE tenant = $1 FOR SHARE",
                        order_.tenant.str()));
  return !rows.empty() && rows.text(0, 0) == new_entry_;
}

Result<MovedTenant> Move::finish() {
  // The tenant has moved: what fails from here on is said, and changes nothing.
  (void)target_->execute("DROP TABLE unfinished_move");
  MW_ASSIGN(const std::string database, pg::database_of(source_target_, ""));
  moved_.drop_source = pg::drop_statement(database);
  if (!order_.drop_source) return moved_;
  source_.reset();
  auto server = Connection::open(pg::on_same_server(source_target_, "postgres"));
  const Result<> dropped = server ? pg::drop_database(*server, database) : server.error();
  if (dropped) {
    moved_.drop_source.clear();
  } else {
    moved_.not_dropped = dropped.error().message + " (" + dropped.error().detail + ")";
  }
  return moved_;
}

}  // namespace

Result<MovedTenant> move_tenant(const TenantMove& move, const MoveProgress& progress) {
  return Move(move, progress).run();
}

}  // namespace millwright
