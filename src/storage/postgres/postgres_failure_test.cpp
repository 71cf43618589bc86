// The server restarts and connections are killed while samples come (goal R-17); two processes want
// to write one tenant (the lease).
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "postgres/testing/test_cluster.h"
#include "storage/postgres/postgres_tenant_directory.h"
#include "storage/testing/store_under_test.h"

namespace millwright {
namespace {

using postgres::testing::TestCluster;
using testing::kEver;
using testing::kNoLimit;
using testing::kSeries;

constexpr EpochId kEpoch{7};

class PostgresFailure : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TestCluster::instance() == nullptr) GTEST_SKIP() << TestCluster::why_not();
    drop();
    first_ = open("hub-a:50051");
    ASSERT_TRUE(first_->create(tenant_));
  }
  void TearDown() override {
    first_.reset();
    if (TestCluster::instance() != nullptr) drop();
  }
  static std::unique_ptr<PostgresTenantDirectory> open(const std::string& holder) {
    auto opened = PostgresTenantDirectory::open(TestCluster::instance()->database("mw"), holder);
    MW_CHECK(opened.has_value());
    return std::move(opened).value();
  }
  static void drop() { TestCluster::instance()->drop({"mw", "tenant_100000"}); }
  static StreamKey stream() { return {testing::device_id("000001"), StreamClass::kTelemetry}; }
  /// Record n is a sample at n ms of the value n.
  static Append records(std::uint64_t base, std::uint64_t end, std::uint64_t session) {
    Append out;
    for (std::uint64_t n = base; n <= end; ++n) {
      out.samples.append(kSeries, static_cast<std::int64_t>(n) * 1'000, static_cast<double>(n));
    }
    out.advance =
        EpochAdvance{stream(), kEpoch, session, base, end, end, end - base + 1, from_us(0), {}};
    return out;
  }
  static void expect_exactly(SampleStore& samples, std::uint64_t watermark) {
    const auto read = samples.read(kSeries, kEver, kNoLimit);
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_EQ(read->size(), watermark);
    for (std::uint64_t n = 1; n <= watermark; ++n) {
      ASSERT_EQ(read->value[n - 1], static_cast<double>(n));
    }
  }
  /// What is stored; asks again while the server is away.
  static std::uint64_t watermark(SampleStore& samples) {
    while (true) {
      if (const auto epoch = samples.epoch(kEpoch)) return *epoch ? (*epoch)->watermark : 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  const TenantId tenant_ = testing::tenant_id("100000");
  std::unique_ptr<PostgresTenantDirectory> first_;
};

/// Ends every connection to the tenant's database, whatever it is doing.
void kill_connections() {
  auto server = postgres::Connection::open(TestCluster::instance()->database("postgres"));
  if (!server) return;
  (void)server->query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = 'tenant_100000'");
}

TEST_F(PostgresFailure, KilledConnectionsAndRestartsLoseAndDoubleNothing) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto store = first_->open_for_service(tenant_).value();
  SampleStore& samples = store->samples();
  ASSERT_TRUE(samples.open_session(stream(), 1));
  std::atomic<bool> done = false;
  std::thread trouble([&] {
    for (int i = 0; !done; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10 + random() % 60));
      if (i % 10 == 9 && TestCluster::instance()->is_own()) {
        TestCluster::instance()->restart();
      } else {
        kill_connections();
      }
    }
  });
  std::uint64_t told = 0;
  int errors = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < end || errors < 5) {
    const Append append = records(told + 1, told + 20, 1);
    const auto result = samples.append({&append, 1})[0];
    if (result) {
      told += 20;
      continue;
    }
    ++errors;
    // The commit may have been done and its answer lost: what is stored is asked, never guessed.
    const std::uint64_t stored = watermark(samples);
    ASSERT_TRUE(stored == told || stored == told + 20) << stored << " after " << told;
    told = stored;
  }
  done = true;
  trouble.join();
  std::printf("%d failed commits, %llu records\n", errors, static_cast<unsigned long long>(told));
  while (!samples.count(kSeries, kEver)) std::this_thread::yield();
  EXPECT_EQ(watermark(samples), told);
  expect_exactly(samples, told);
  EXPECT_GT(told, 100u);
}

TEST_F(PostgresFailure, OneProcessWritesATenantAndTheNextFencesIt) {
  const auto first = first_->open_for_service(tenant_).value();
  ASSERT_TRUE(first->samples().open_session(stream(), 1));
  Append append = records(1, 10, 1);
  ASSERT_TRUE(first->samples().append({&append, 1})[0]);

  auto second_directory = open("hub-b:50051");
  const auto second = second_directory->open_for_service(tenant_).value();
  const auto refused = second->samples().open_session(stream(), 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("hub-a:50051"), std::string::npos);
  EXPECT_EQ(second->samples().count(kSeries, kEver).value(), 10u);  // everybody may read

  // The first is gone so long that its lease has run out.
  auto server = postgres::Connection::open(TestCluster::instance()->database("tenant_100000"));
  ASSERT_TRUE(server->execute("UPDATE writer SET expires_at = now() - interval '1 s'"));
  ASSERT_TRUE(second->samples().open_session(stream(), 2));
  append = records(11, 20, 2);
  ASSERT_TRUE(second->samples().append({&append, 1})[0]);

  // It was only paused: what it still wanted to write is refused, and nothing of it is there.
  append = records(11, 15, 1);
  const auto fenced = first->samples().append({&append, 1})[0];
  ASSERT_FALSE(fenced);
  EXPECT_NE(fenced.error().message.find("hub-b:50051"), std::string::npos);
  expect_exactly(second->samples(), 20);
}

TEST_F(PostgresFailure, AWriterThatEndsOrComesBackIsFollowedAtOnce) {
  {
    const auto store = first_->open_for_service(tenant_).value();
    ASSERT_TRUE(store->samples().open_session(stream(), 1));
  }
  auto second_directory = open("hub-b:50051");  // the first has closed its store
  const auto second = second_directory->open_for_service(tenant_).value();
  ASSERT_TRUE(second->samples().open_session(stream(), 2));
  // Killed, and started again under the same name.
  auto again_directory = open("hub-b:50051");
  const auto again = again_directory->open_for_service(tenant_).value();
  EXPECT_TRUE(again->samples().open_session(stream(), 3));
  EXPECT_FALSE(second->samples().mark_forked(kEpoch));
}

}  // namespace
}  // namespace millwright
