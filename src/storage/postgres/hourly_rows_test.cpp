// What the contract cannot see: that roll-ups are used, and how a database from before them fares.
#include "storage/postgres/hourly_rows.h"

#include <gtest/gtest.h>

#include "postgres/testing/test_cluster.h"
#include "storage/postgres/postgres_sample_store.h"
#include "storage/postgres/postgres_tenant_directory.h"
#include "storage/testing/store_under_test.h"

namespace millwright {
namespace {

using postgres::Connection;
using postgres::testing::TestCluster;
using testing::kSeries;

constexpr std::int64_t kStart = 472'222 * pg::kHourUs;  // November 2023

class HourlyRows : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TestCluster::instance() == nullptr) GTEST_SKIP() << TestCluster::why_not();
    drop();
    directory_ =
        PostgresTenantDirectory::open(TestCluster::instance()->database("mw"), "a").value();
    ASSERT_TRUE(directory_->create(tenant_));
    store_ = directory_->open_for_service(tenant_).value();
    connection_.emplace(
        Connection::open(TestCluster::instance()->database("tenant_100000")).value());
    Append append;
    for (int minute = 0; minute < 600; ++minute) {
      append.samples.append(kSeries, kStart + minute * 60'000'000LL, 1);
    }
    ASSERT_TRUE(store_->samples().append({&append, 1})[0]);
  }
  void TearDown() override {
    connection_.reset();
    store_.reset();
    directory_.reset();
    if (TestCluster::instance() != nullptr) drop();
  }
  static void drop() { TestCluster::instance()->drop({"mw", "tenant_100000"}); }
  void reopen() {
    store_.reset();
    directory_.reset();
    directory_ =
        PostgresTenantDirectory::open(TestCluster::instance()->database("mw"), "a").value();
    store_ = directory_->open_for_service(tenant_).value();
  }
  double sum_of_all() {
    const std::vector<std::int64_t> boundaries{kStart, kStart + 10 * pg::kHourUs};
    return store_->samples().aggregate(kSeries, boundaries)->at(0).sum;
  }
  std::int64_t number(const char* sql) { return connection_->integer(sql)->value(); }

  const TenantId tenant_ = testing::tenant_id("100000");
  std::unique_ptr<PostgresTenantDirectory> directory_;
  std::shared_ptr<TenantStore> store_;
  std::optional<Connection> connection_;
};

TEST_F(HourlyRows, WholeHoursAreReadFromTheRollUps) {
  EXPECT_EQ(number("SELECT count(*) FROM stale_hours"), 10);
  EXPECT_EQ(sum_of_all(), 600);
  ASSERT_TRUE(store_->samples().settle());
  EXPECT_EQ(number("SELECT count(*) FROM stale_hours"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM hourly"), 10);
  EXPECT_EQ(sum_of_all(), 600);
  ASSERT_TRUE(connection_->execute("UPDATE hourly SET sum = 1000"));
  EXPECT_EQ(sum_of_all(), 10'000);
}

TEST_F(HourlyRows, ADatabaseFromBeforeThemIsRolledUp) {
  ASSERT_TRUE(store_->samples().settle());
  ASSERT_TRUE(
      connection_->execute("DROP TABLE hourly, stale_hours, hourly_mark; "
                           "UPDATE schema_versions SET version = 1 WHERE name = 'samples'"));
  reopen();
  EXPECT_EQ(number("SELECT count(*) FROM stale_hours"), 10);
  EXPECT_EQ(sum_of_all(), 600);
  ASSERT_TRUE(store_->samples().settle());
  EXPECT_EQ(number("SELECT count(*) FROM hourly"), 10);
  EXPECT_EQ(sum_of_all(), 600);
}

TEST_F(HourlyRows, TheMarkFollowsTheClockInSteps) {
  ASSERT_TRUE(store_->samples().settle());
  const std::int64_t before = *pg::rolled_up_through(*connection_);
  constexpr std::int64_t kDays = 3;
  const std::int64_t now_us = before + kDays * 24 * pg::kHourUs + pg::kHourUs + 17;
  int steps = 0;
  while (*pg::roll_up(*connection_, now_us)) ASSERT_LT(++steps, 10);
  EXPECT_EQ(*pg::rolled_up_through(*connection_), before + kDays * 24 * pg::kHourUs);
  EXPECT_EQ(steps, kDays);
  EXPECT_FALSE(*pg::roll_up(*connection_, before));  // a clock that went back
  EXPECT_EQ(*pg::rolled_up_through(*connection_), before + kDays * 24 * pg::kHourUs);
}

TEST(HourOf, IsTheHourBeforeAlsoBefore1970) {
  EXPECT_EQ(pg::hour_of(0), 0);
  EXPECT_EQ(pg::hour_of(pg::kHourUs - 1), 0);
  EXPECT_EQ(pg::hour_of(pg::kHourUs), pg::kHourUs);
  EXPECT_EQ(pg::hour_of(-1), -pg::kHourUs);
  EXPECT_EQ(pg::hour_of(-pg::kHourUs), -pg::kHourUs);
}

}  // namespace
}  // namespace millwright
