#include "postgres/connection.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "postgres/pool.h"
#include "postgres/testing/test_cluster.h"

namespace millwright::postgres {
namespace {

using testing::TestCluster;

class PostgresConnection : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TestCluster::instance() == nullptr) GTEST_SKIP() << TestCluster::why_not();
    target_ = TestCluster::instance()->database("postgres");
    auto opened = Connection::open(target_);
    ASSERT_TRUE(opened) << opened.error().detail;
    connection_.emplace(std::move(opened).value());
    ASSERT_TRUE(connection_->execute("SET search_path TO pg_temp"));
  }
  std::string target_;
  std::optional<Connection> connection_;
};

TEST_F(PostgresConnection, KeepsValuesOfEveryType) {
  ASSERT_TRUE(connection_->execute(
      "CREATE TEMP TABLE t (i bigint, r double precision, s text, b bytea, n text)"));
  const std::vector<std::uint8_t> blob{0, 1, 255};
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  ASSERT_TRUE(connection_->run("INSERT INTO t VALUES ($1, $2, $3, $4, $5)", kMin, -0.0, "ä'\"",
                               std::span<const std::uint8_t>(blob), std::optional<std::string>()));
  const auto rows = connection_->query("SELECT * FROM t");
  ASSERT_TRUE(rows) << rows.error().detail;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->integer(0, 0), kMin);
  EXPECT_TRUE(std::signbit(rows->real(0, 1)));
  EXPECT_EQ(rows->text(0, 2), "ä'\"");
  EXPECT_EQ(rows->bytes(0, 3), std::string_view("\0\1\xFF", 3));
  EXPECT_FALSE(rows->optional_text(0, 4));
  const std::vector<std::int64_t> some{3, -7};
  EXPECT_EQ(connection_->integer("SELECT sum(x)::bigint FROM unnest($1::bigint[]) x", some).value(),
            -4);
  EXPECT_EQ(
      connection_
          ->integer("SELECT count(*) FROM unnest($1::bigint[]) x", std::vector<std::int64_t>{})
          .value(),
      0);
}

TEST_F(PostgresConnection, CopiesRowsAndGivesUpWithoutATrace) {
  ASSERT_TRUE(connection_->execute("CREATE TEMP TABLE t (i bigint, r double precision)"));
  {
    auto copy = CopyIn::begin(*connection_, "COPY t FROM STDIN (FORMAT binary)").value();
    for (std::int64_t i = 0; i < 50'000; ++i) ASSERT_TRUE(copy.row(i, 0.5));
    ASSERT_TRUE(copy.finish());
  }
  {
    auto copy = CopyIn::begin(*connection_, "COPY t FROM STDIN (FORMAT binary)").value();
    ASSERT_TRUE(copy.row(std::int64_t{7}, 0.5));
  }
  EXPECT_EQ(connection_->integer("SELECT count(*) FROM t").value(), 50'000);
}

TEST_F(PostgresConnection, AnUncommittedTransactionLeavesNoTrace) {
  ASSERT_TRUE(connection_->execute("CREATE TEMP TABLE t (i bigint PRIMARY KEY)"));
  {
    auto transaction = Transaction::begin(*connection_).value();
    ASSERT_TRUE(connection_->run("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(connection_->integer("SELECT count(*) FROM t").value(), 0);
  ASSERT_TRUE(connection_->run("INSERT INTO t VALUES (1)"));
  const auto twice = connection_->run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(twice.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(PostgresConnection, ALostConnectionIsUnavailableAndNotPooled) {
  Pool pool;
  {
    auto lease = pool.lease(target_).value();
    const auto pid = lease->integer("SELECT pg_backend_pid()::bigint").value();
    ASSERT_TRUE(connection_->query("SELECT pg_terminate_backend($1::int)", *pid));
    while (lease->query("SELECT 1")) std::this_thread::yield();
    EXPECT_EQ(lease->query("SELECT 1").error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(lease->is_lost());
  }
  EXPECT_TRUE(pool.lease(target_).value()->query("SELECT 1"));
  EXPECT_EQ(Connection::open("host=/nowhere").error().code, ErrorCode::kUnavailable);
}

TEST_F(PostgresConnection, MigrationsRunOnceAlsoWhenTwoStart) {
  ASSERT_TRUE(connection_->execute("DROP DATABASE IF EXISTS migrations"));
  ASSERT_TRUE(connection_->execute("CREATE DATABASE migrations"));
  const std::string target = TestCluster::instance()->database("migrations");
  static constexpr const char* kAll[] = {"CREATE TABLE a (i bigint)", "INSERT INTO a VALUES (1)"};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto own = Connection::open(target).value();
      const auto migrated = own.migrate("test", kAll);
      EXPECT_TRUE(migrated) << migrated.error().detail;
    });
  }
  threads.clear();
  auto own = Connection::open(target).value();
  EXPECT_EQ(own.integer("SELECT count(*) FROM a").value(), 1);
  EXPECT_EQ(own.migrate("test", std::span(kAll).first(1)).error().code,
            ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace millwright::postgres
