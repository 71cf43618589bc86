// Moves that break off, and moves that are refused: the tenant stays where it was.
#include <sys/wait.h>

#include "storage/postgres/connection_string.h"
#include "storage/postgres/lease_takeover.h"
#include "storage/postgres/tenant_fence.h"
#include "storage/postgres/tenant_move_fixture.h"

namespace millwright::testing {
namespace {

class TenantMoveFailure : public TenantMoveTest {
 protected:
  /// The tenant lives at its old place and takes what comes.
  void expect_at_home(std::uint64_t record) {
    EXPECT_EQ(entry(), "");
    const Append append = sample(record);
    const auto appended = store_->samples().append({&append, 1})[0];
    EXPECT_TRUE(appended) << appended.error().message;
    EXPECT_TRUE(store_->catalog().put_state("detector/2", "x"));
  }
  void expect_refused(const TenantMove& order, ErrorCode code, const std::string& words) {
    const auto moved = move_tenant(order, ignore);
    ASSERT_EQ(code_of(moved), code) << (moved ? "moved" : moved.error().message);
    EXPECT_NE(moved.error().message.find(words), std::string::npos) << moved.error().message;
  }
  /// A process that ends in the middle of a move, as a killed one does.
  void die_after(const std::string& table) {
    const pid_t child = ::fork();
    if (child == 0) {
      (void)move_and_when(table, [] { ::_exit(42); });
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 42);
  }
  static void end_lease() {
    auto database = connect("tenant_100000");
    ASSERT_TRUE(database.execute("UPDATE writer SET expires_at = now() - interval '1 s'"));
  }
  static bool has_target() {
    auto server = connect("postgres");
    return server.integer("SELECT count(*) FROM pg_database WHERE datname = 'moved_100000'")
               .value() == 1;
  }
};

TEST_F(TenantMoveFailure, AMoveThatBreaksOffLeavesTheTenantAndTheNextOneWorks) {
  std::uint64_t record = 4;
  for (const char* table : {"numeric_scalar_values", "ledger", "devices", "retention_rules"}) {
    SCOPED_TRACE(table);
    const auto broken = move_and_when(table, [] {
      auto server = connect("postgres");
      ASSERT_TRUE(
          server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                       "WHERE datname = 'moved_100000'"));
    });
    EXPECT_EQ(code_of(broken), ErrorCode::kUnavailable);
    expect_at_home(record++);
  }
  const auto moved = move();
  ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().detail;
  const auto store = open("hub-b:50051")->open_for_service(tenant_).value();
  EXPECT_EQ(store->samples().count(kOther, kEver).value(), record - 1);
}

TEST_F(TenantMoveFailure, AMoveWhoseProcessIsKilledLeavesTheTenantAndTheNextOneWorks) {
  std::uint64_t record = 4;
  for (const char* table : {"numeric_scalar_values", "retention_rules"}) {
    die_after(table);
    end_lease();  // what 15 s do
    expect_at_home(record++);
  }
  die_after("ledger");  // its lease has not run out when the next one comes
  const auto moved = move();
  ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().detail;
  const auto store = open("hub-b:50051")->open_for_service(tenant_).value();
  EXPECT_EQ(store->samples().count(kOther, kEver).value(), record - 1);
}

TEST_F(TenantMoveFailure, ADirectoryThatNamesAClosedDatabaseIsNotBelieved) {
  die_after("retention_rules");
  {  // the very last step: the old place is closed, and the directory was not told
    const auto lease = pg::LeaseTakeover::begin(at("tenant_100000"), "test").value();
    auto source = connect("tenant_100000");
    ASSERT_TRUE(pg::close_for_ever(source, lease->fencing(), pg::place_words(at("moved_100000"))));
  }
  const auto opened = open("hub-b:50051")->open_for_service(tenant_);
  ASSERT_EQ(code_of(opened), ErrorCode::kFailedPrecondition);
  EXPECT_NE(opened.error().message.find("moved_100000"), std::string::npos);
  TenantMove other = order();
  other.to = at("elsewhere");
  expect_refused(other, ErrorCode::kFailedPrecondition, "moved_100000");
  const auto moved = move();
  ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().detail;
  EXPECT_TRUE(open("hub-b:50051")->open_for_service(tenant_));
}

TEST_F(TenantMoveFailure, ACopyThatIsNotTheSameDoesNotBecomeTheTenant) {
  const char* changes[] = {
      "UPDATE numeric_scalar_values SET value = '0' WHERE value = 0 AND value::text = '-0'",
      "DELETE FROM numeric_scalar_values WHERE at_us = 1000",
      "UPDATE numeric_scalar_values SET at_us = at_us + 1 WHERE at_us = 1000"};
  for (const char* change : changes) {
    const auto moved = move_and_when("waveforms", [&] {
      auto target = connect("moved_100000");
      EXPECT_EQ(target.run(change).value(), 1);
    });
    ASSERT_EQ(code_of(moved), ErrorCode::kAborted) << change;
    EXPECT_NE(moved.error().message.find("numeric_scalar_values"), std::string::npos);
    EXPECT_EQ(entry(), "");
  }
}

TEST_F(TenantMoveFailure, AMoveThatWasPausedSoLongThatAHubWroteIsGivenUp) {
  const auto moved = move_and_when("quarantine", [&] {
    end_lease();
    const Append append = sample(4);
    EXPECT_TRUE(store_->samples().append({&append, 1})[0]);
  });
  EXPECT_EQ(code_of(moved), ErrorCode::kAborted);
  expect_at_home(5);
  EXPECT_TRUE(move());
}

TEST_F(TenantMoveFailure, WhatCannotBeMovedIsRefusedAndNothingIsChanged) {
  TenantMove unknown = order();
  unknown.tenant = tenant_id("999999");
  expect_refused(unknown, ErrorCode::kNotFound, "999999");
  TenantMove same = order();
  same.to = at("tenant_100000") + (TestCluster::instance()->is_own() ? " port=5432" : "");
  expect_refused(same, ErrorCode::kAlreadyExists, "already");
  TenantMove nowhere = order();
  nowhere.to = "postgres://nobody@127.0.0.1:1/x";
  expect_refused(nowhere, ErrorCode::kUnavailable, "127.0.0.1:1");
  TenantMove secret = order();
  secret.to = "postgres://nobody:secret@127.0.0.1:1/x";
  expect_refused(secret, ErrorCode::kInvalidArgument, "password");
  TenantMove words = order();
  words.to = "postgres://[";
  expect_refused(words, ErrorCode::kInvalidArgument, "address");
  TenantMove no_directory = order();
  no_directory.directory = at("tenant_100000");
  expect_refused(no_directory, ErrorCode::kFailedPrecondition, "lists no tenants");

  auto server = connect("postgres");
  ASSERT_TRUE(server.execute("CREATE DATABASE elsewhere"));
  auto elsewhere = connect("elsewhere");
  ASSERT_TRUE(elsewhere.execute("CREATE TABLE invoices (id bigint)"));
  TenantMove full = order();
  full.to = at("elsewhere");
  expect_refused(full, ErrorCode::kAlreadyExists, "not empty");
  EXPECT_TRUE(elsewhere.query("SELECT id FROM invoices"));

  auto source = connect("tenant_100000");
  ASSERT_TRUE(source.execute("CREATE TABLE notes (id bigint)"));
  expect_refused(order(), ErrorCode::kFailedPrecondition, "notes");
  EXPECT_FALSE(has_target());
  expect_at_home(4);

  // An empty database that is there already is used.
  ASSERT_TRUE(source.execute("DROP TABLE notes"));
  ASSERT_TRUE(elsewhere.execute("DROP TABLE invoices"));
  EXPECT_TRUE(move_tenant(full, ignore));
}

TEST_F(TenantMoveFailure, ATenantIsMovedByOneCommandAtATime) {
  ErrorCode second{};
  ASSERT_TRUE(move_and_when("waveforms", [&] { second = code_of(move()); }));
  EXPECT_EQ(second, ErrorCode::kFailedPrecondition);
}

TEST_F(TenantMoveFailure, AnUnfinishedCopyThatHasLivedIsNotDropped) {
  ASSERT_TRUE(move());
  const auto moved = open("hub-b:50051")->open_for_service(tenant_).value();
  ASSERT_TRUE(moved->samples().open_session(stream(), 1));
  {  // the mark was not removed, and then the directory was put back to an older state
    auto target = connect("moved_100000");
    ASSERT_TRUE(target.execute("CREATE TABLE unfinished_move AS SELECT '100000'::text AS tenant"));
    auto listing = connect("mw");
    ASSERT_TRUE(listing.execute("UPDATE tenants SET connection = ''"));
  }
  expect_refused(order(), ErrorCode::kAlreadyExists, "not empty");
  EXPECT_EQ(moved->samples().count(kOther, kEver).value(), 3u);
}

}  // namespace
}  // namespace millwright::testing
