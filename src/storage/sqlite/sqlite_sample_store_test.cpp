// What is SQLite's own: damage, concurrency, schema. The contract is in sqlite_contract_test.cpp.
#include "storage/sqlite/sqlite_sample_store.h"

#include <gtest/gtest.h>

#include <thread>

#include "storage/sqlite/sqlite_under_test.h"

namespace millwright {
namespace {

using testing::kEver;
using testing::kNoLimit;
using testing::kOther;
using testing::kSeries;

class SqliteSampleStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    store_.reset();
    auto opened = SqliteSampleStore::open(file_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void put(SeriesId series, SampleColumns columns) {
    Append append;
    append.samples.append(series, std::move(columns));
    ASSERT_TRUE(store_->append({&append, 1})[0]);
  }
  static SampleColumns ramp(std::int64_t first, std::int64_t count) {
    SampleColumns out;
    for (std::int64_t i = first; i < first + count; ++i) {
      out.append(i * 1'000, static_cast<double>(i));
    }
    return out;
  }
  std::int64_t number_of(const char* sql) {
    auto database = *sqlite::Database::open_read_only(file_);
    auto query = *database.prepare(sql);
    EXPECT_TRUE(*query.step());
    return query.integer(0);
  }
  /// Changes the file behind the store's back.
  void execute(const char* sql) {
    auto database = *sqlite::Database::open(file_, sqlite::Durability::kEachCommit);
    ASSERT_TRUE(database.execute(sql));
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "samples.db";
  std::unique_ptr<SqliteSampleStore> store_;
};

TEST_F(SqliteSampleStoreTest, ADamagedChunkIsNamedAndHurtsNobodyElse) {
  put(kSeries, ramp(0, 100));
  put(kOther, ramp(0, 100));
  execute(
      "UPDATE chunk_data SET bytes = zeroblob(length(bytes)) "
      "WHERE version = (SELECT version FROM chunks WHERE series = 1)");
  const auto read = store_->read(kSeries, kEver, kNoLimit);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
  EXPECT_NE(read.error().message.find("series 1 from 1970-01-01T00:00:00.000000Z to "
                                      "1970-01-01T00:00:00.099000Z"),
            std::string::npos)
      << read.error().message;
  EXPECT_EQ(store_->read(kOther, kEver, kNoLimit)->size(), 100u);
  EXPECT_TRUE(store_->maintain());
  put(kSeries, ramp(100, 10));
  EXPECT_EQ(store_->read(kSeries, {100'000, 110'000}, kNoLimit)->size(), 10u);
}

TEST_F(SqliteSampleStoreTest, AMissingChunkIsDamageToo) {
  put(kSeries, ramp(0, 10));
  execute("DELETE FROM chunk_data");
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit).error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteSampleStoreTest, ChunksThatAreNotThoseAnnouncedAreDamage) {
  put(kSeries, ramp(0, 10));
  put(kOther, ramp(5, 10));
  execute(
      "UPDATE chunk_data SET bytes = (SELECT bytes FROM chunk_data WHERE version = "
      "(SELECT version FROM chunks WHERE series = 2))");
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit).error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(store_->read(kOther, kEver, kNoLimit));
}

TEST_F(SqliteSampleStoreTest, ADamagedChunkDoesNotStopHousekeepingOfOthers) {
  for (int i = 0; i < 60; ++i) {
    put(kSeries, ramp(i, 1));
    put(kOther, ramp(i, 1));
  }
  execute(
      "UPDATE chunk_data SET bytes = x'00' "
      "WHERE version = (SELECT min(version) FROM chunks WHERE series = 1)");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store_->maintain());
  EXPECT_EQ(number_of("SELECT count(*) FROM chunks WHERE series = 2"), 1);
  EXPECT_EQ(number_of("SELECT count(*) FROM chunks WHERE series = 1"), 60);
}

TEST_F(SqliteSampleStoreTest, HousekeepingLeavesFullChunksAndNoOrphans) {
  for (int i = 0; i < 5'000; i += 10) put(kSeries, ramp(i, 10));
  for (int i = 0; i < 1'000; i += 7) put(kSeries, ramp(i, 1));  // corrections
  EXPECT_EQ(number_of("SELECT count(*) FROM chunks"), 643);
  while (*store_->maintain()) continue;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store_->maintain());
  EXPECT_LE(number_of("SELECT count(*) FROM chunks"), 12);
  EXPECT_EQ(number_of("SELECT count(*) FROM chunks"), number_of("SELECT count(*) FROM chunk_data"));
  EXPECT_EQ(number_of("SELECT sum(count) FROM chunks"), 5'000);
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, 5'000).value);
}

TEST_F(SqliteSampleStoreTest, RemovedSeriesAndReplacedBlocksLeaveNoBytes) {
  put(kSeries, ramp(0, 3'000));
  Append append;
  append.waveforms.push_back({kOther, {0, 1'000, {1, 2, 3}}});
  append.waveforms.push_back({kOther, {0, 1'000, {4, 5}}});
  ASSERT_TRUE(store_->append({&append, 1})[0]);
  EXPECT_EQ(number_of("SELECT count(*) FROM waveform_data"), 1);
  ASSERT_TRUE(store_->remove_series(std::vector{kSeries, kOther}));
  EXPECT_EQ(number_of("SELECT count(*) FROM chunk_data"), 0);
  EXPECT_EQ(number_of("SELECT count(*) FROM waveform_data"), 0);
  EXPECT_EQ(number_of("SELECT count(*) FROM heads"), 0);
}

TEST_F(SqliteSampleStoreTest, AnAggregateOverWholeChunksReadsNoBytes) {
  put(kSeries, ramp(0, 4'096));
  execute("UPDATE chunk_data SET bytes = x'00'");
  const std::vector<std::int64_t> boundaries{0, 4'096'000};
  const auto buckets = store_->aggregate(kSeries, boundaries);
  ASSERT_TRUE(buckets);
  EXPECT_EQ((*buckets)[0].count, 4'096u);
  EXPECT_EQ((*buckets)[0].sum, 4'095.0 * 4'096 / 2);
  const std::vector<std::int64_t> cut{0, 1'000, 4'096'000};
  EXPECT_EQ(store_->aggregate(kSeries, cut).error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteSampleStoreTest, AFileOfANewerVersionIsRefused) {
  store_.reset();
  execute("PRAGMA user_version=99");
  const auto opened = SqliteSampleStore::open(file_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(opened.error().message.find("newer version"), std::string::npos);
}

TEST_F(SqliteSampleStoreTest, AFailingMediumFailsEveryAppendAndStoresNothing) {
  put(kSeries, ramp(0, 10));
  execute("CREATE TRIGGER full BEFORE INSERT ON gaps BEGIN SELECT raise(ABORT, 'no space'); END");
  std::vector<Append> appends(3);
  appends[0].samples.append(kSeries, ramp(10, 10));
  appends[1].samples.append(kOther, ramp(0, 10));
  appends[2].gap = DeclaredGap{
      {testing::device_id("000001"), StreamClass::kBulk}, {}, 1, 2, 0, "full", from_us(0)};
  for (const auto& result : store_->append(appends)) {
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().detail.find("no space"), std::string::npos);
  }
  EXPECT_EQ(*store_->count(kSeries, kEver), 10u);
  const auto latest = *store_->latest(std::vector{kSeries, kOther});
  EXPECT_EQ(latest[0]->value, 9);
  EXPECT_FALSE(latest[1]);
  put(kSeries, ramp(10, 10));
  EXPECT_EQ(*store_->count(kSeries, kEver), 20u);
}

// A commit brings ten samples to each of two series; readers must see all twenty or none.
TEST_F(SqliteSampleStoreTest, ReadersSeeWholeCommitsWhileTheWriterWorks) {
  constexpr int kCommits = 150;
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      std::uint64_t before = 0;
      while (!done) {
        const SeriesId series = r % 2 == 0 ? kSeries : kOther;
        const auto read = store_->read(series, kEver, kNoLimit);
        ASSERT_TRUE(read) << read.error().message;
        ASSERT_EQ(read->size() % 10, 0u);
        ASSERT_GE(read->size(), before);
        before = read->size();
        const auto latest = store_->latest(std::vector{kSeries, kOther});
        ASSERT_TRUE(latest);
        if ((*latest)[0]) {
          ASSERT_EQ((*latest)[0]->value, (*latest)[1]->value);
        }
        const std::vector<std::int64_t> boundaries{0, kCommits * 10'000};
        const auto buckets = store_->aggregate(series, boundaries);
        ASSERT_TRUE(buckets);
        ASSERT_GE((*buckets)[0].count, before);
      }
    });
  }
  for (int commit = 0; commit < kCommits; ++commit) {
    std::vector<Append> appends(2);
    appends[0].samples.append(kSeries, ramp(commit * 10, 5));
    appends[0].samples.append(kOther, ramp(commit * 10, 5));
    appends[1].samples.append(kSeries, ramp(commit * 10 + 5, 5));
    appends[1].samples.append(kOther, ramp(commit * 10 + 5, 5));
    for (const auto& result : store_->append(appends)) ASSERT_TRUE(result);
    if (commit % 20 == 0) {
      ASSERT_TRUE(store_->maintain());
    }
  }
  done = true;
  readers.clear();
  EXPECT_EQ(*store_->count(kSeries, kEver), kCommits * 10u);
}

}  // namespace
}  // namespace millwright
