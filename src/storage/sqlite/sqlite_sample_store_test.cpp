// What is SQLite's own: log, sealing, concurrency, files of other versions. Damage is in
// sqlite_damage_test.cpp, the contract in sqlite_contract_test.cpp.
#include "storage/sqlite/sqlite_sample_store.h"

#include <gtest/gtest.h>

#include <thread>

#include "storage/sqlite/store_files.h"

namespace millwright {
namespace {

using testing::kEver;
using testing::kNoLimit;
using testing::kOther;
using testing::kSeries;
using testing::ramp;
using SqliteSampleStoreTest = testing::StoreFiles;

TEST_F(SqliteSampleStoreTest, WhatIsNotSealedIsReadFromTheLogAgain) {
  put(kSeries, ramp(0, 3'000));
  put(kSeries, ramp(5'000, 10));
  put(kSeries, ramp(4'000, 10));  // late
  put(kOther, ramp(7, 1));
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunks"), 0);
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 3'020u);
  EXPECT_EQ(store_->read(kSeries, {4'000'000, 5'001'000}, kNoLimit)->size(), 11u);
  EXPECT_EQ(store_->latest(std::vector{kSeries})->at(0)->value, 5'009);
  EXPECT_EQ(store_->read(kOther, kEver, kNoLimit)->value, std::vector<double>{7});
}

TEST_F(SqliteSampleStoreTest, HousekeepingSealsSeriesWithEnoughSamplesAndTrimsTheLog) {
  for (int i = 0; i < 5'000; i += 100) put(kSeries, ramp(i, 100));
  while (*store_->maintain()) continue;
  EXPECT_GE(number_of(chunks_file(), "SELECT sum(count) FROM chunks"), 2'048);
  EXPECT_LT(number_of(samples_file(), "SELECT count(*) FROM log"), 30);
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, 5'000).value);
  open();
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, 5'000).value);
}

TEST_F(SqliteSampleStoreTest, ASettledStoreHasFullChunksAndAnEmptyLog) {
  for (int i = 0; i < 5'000; i += 10) put(kSeries, ramp(i, 10));
  for (int i = 0; i < 1'000; i += 7) put(kSeries, ramp(i, 1));  // corrections
  ASSERT_TRUE(store_->settle());
  EXPECT_LE(number_of(chunks_file(), "SELECT count(*) FROM chunks"), 4);
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunks"),
            number_of(chunks_file(), "SELECT count(*) FROM chunk_data"));
  EXPECT_EQ(number_of(chunks_file(), "SELECT sum(count) FROM chunks"), 5'000);
  EXPECT_EQ(number_of(samples_file(), "SELECT count(*) FROM log"), 0);
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, 5'000).value);
  put(kSeries, ramp(5'000, 10));
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 5'010u);
}

// A crash after chunks were written and before the log was trimmed.
TEST_F(SqliteSampleStoreTest, SealedSamplesOfTheLogAreNotTakenAgain) {
  put(kSeries, ramp(0, 100));
  put(kSeries, ramp(50, 100));
  put(kOther, ramp(0, 10));
  store_.reset();
  std::filesystem::copy_file(samples_file(), folder_.path() / "before.db");
  open();
  ASSERT_TRUE(store_->settle());
  ASSERT_TRUE(store_->remove_series(std::vector{kOther}));
  store_.reset();
  std::filesystem::copy_file(folder_.path() / "before.db", samples_file(),
                             std::filesystem::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 150u);
  EXPECT_EQ(store_->count(kOther, kEver).value(), 0u);
  EXPECT_FALSE(store_->latest(std::vector{kOther})->at(0));
  // Numbers of the log that chunks know are not given again: what comes now is new.
  put(kSeries, ramp(150, 5));
  put(kOther, ramp(3, 1));
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 155u);
  EXPECT_EQ(store_->count(kOther, kEver).value(), 1u);
}

TEST_F(SqliteSampleStoreTest, RemovedSeriesAndReplacedBlocksLeaveNoBytes) {
  put(kSeries, ramp(0, 3'000));
  ASSERT_TRUE(store_->settle());
  put(kSeries, ramp(3'000, 10));
  Append append;
  append.waveforms.push_back({kOther, {0, 1'000, {1, 2, 3}}});
  append.waveforms.push_back({kOther, {0, 1'000, {4, 5}}});
  ASSERT_TRUE(store_->append({&append, 1})[0]);
  EXPECT_EQ(number_of(samples_file(), "SELECT count(*) FROM waveform_data"), 1);
  ASSERT_TRUE(store_->remove_series(std::vector{kSeries, kOther}));
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunk_data"), 0);
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunks"), 0);
  EXPECT_EQ(number_of(samples_file(), "SELECT count(*) FROM waveform_data"), 0);
  EXPECT_EQ(number_of(samples_file(), "SELECT count(*) FROM waveform_series"), 0);
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 0u);
}

TEST_F(SqliteSampleStoreTest, AFailingMediumFailsEveryAppendAndStoresNothing) {
  put(kSeries, ramp(0, 10));
  execute(samples_file(),
          "CREATE TRIGGER full BEFORE INSERT ON gaps BEGIN SELECT raise(ABORT, 'no space'); END");
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
  open();
  EXPECT_EQ(*store_->count(kSeries, kEver), 20u);
  EXPECT_EQ(*store_->count(kOther, kEver), 0u);
}

// A commit brings ten samples to each of two series; readers must see all twenty or none, while
// samples move from memory into chunks.
TEST_F(SqliteSampleStoreTest, ReadersSeeWholeCommitsWhileTheWriterWorks) {
  constexpr int kCommits = 600;
  std::atomic<bool> done = false;
  std::vector<std::jthread> threads;
  for (int r = 0; r < 3; ++r) {
    threads.emplace_back([&, r] {
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
  threads.emplace_back([&] {
    for (int round = 0; !done; ++round) {
      ASSERT_TRUE(round % 3 == 0 ? store_->settle() : Result<>());
      ASSERT_TRUE(store_->maintain());
    }
  });
  for (int commit = 0; commit < kCommits; ++commit) {
    std::vector<Append> appends(2);
    for (int part = 0; part < 2; ++part) {
      appends[static_cast<std::size_t>(part)].samples.append(kSeries,
                                                             ramp(commit * 10 + part * 5, 5));
      appends[static_cast<std::size_t>(part)].samples.append(kOther,
                                                             ramp(commit * 10 + part * 5, 5));
    }
    for (const auto& result : store_->append(appends)) ASSERT_TRUE(result);
  }
  done = true;
  threads.clear();
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, kCommits * 10).value);
}

TEST_F(SqliteSampleStoreTest, TheBackgroundSealsWithoutBeingAsked) {
  store_.reset();
  Background background;
  store_ = SqliteSampleStore::open(folder_.path(), &background).value();
  for (int i = 0; i < 5'000; i += 50) put(kSeries, ramp(i, 50));
  for (int wait = 0; wait < 1'000 && number_of(chunks_file(), "SELECT count(*) FROM chunks") == 0;
       ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(number_of(chunks_file(), "SELECT count(*) FROM chunks"), 0);
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, ramp(0, 5'000).value);
  store_.reset();
}

// As the tenant's writer and the background do.
TEST_F(SqliteSampleStoreTest, HousekeepingMayBeCalledFromSeveralThreads) {
  store_.reset();
  Background background;
  store_ = SqliteSampleStore::open(folder_.path(), &background).value();
  std::atomic<bool> done = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) ASSERT_TRUE(store_->maintain());
    });
  }
  for (int commit = 0; commit < 150; ++commit) {  // enough for several checkpoints
    Append append;
    for (int s = 1; s <= 2'000; ++s) {
      for (int i = 0; i < 10; ++i) {
        append.samples.append(SeriesId{s}, (commit * 10 + i) * 1'000, 1.0 / (commit + i + s));
      }
    }
    ASSERT_TRUE(store_->append({&append, 1})[0]);
  }
  done = true;
  threads.clear();
  for (int s = 1; s <= 2'000; s += 97) EXPECT_EQ(store_->count(SeriesId{s}, kEver).value(), 1'500u);
  store_.reset();
}

TEST_F(SqliteSampleStoreTest, FilesOfANewerVersionAreRefused) {
  for (const auto& file : {samples_file(), chunks_file()}) {
    store_.reset();
    execute(file, "PRAGMA user_version=99");
    const auto opened = SqliteSampleStore::open(folder_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_NE(opened.error().message.find("newer version"), std::string::npos);
    execute(file, file == samples_file() ? "PRAGMA user_version=3" : "PRAGMA user_version=2");
  }
}

// The first version kept chunks and heads in samples.db.
TEST_F(SqliteSampleStoreTest, AFileOfTheFirstVersionGoesOn) {
  store_.reset();
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    std::filesystem::remove(file);
  }
  {
    auto database = *sqlite::Database::open(samples_file());
    ASSERT_TRUE(database.migrate(samples_migrations().first(1)));
    ASSERT_TRUE(
        database.execute("INSERT INTO chunks VALUES (1, 0, 5, 2000, 3, 0, 2.5, 3.5, 0, 2.5, 1);"
                         "INSERT INTO chunk_data VALUES (5, x'01030300010001010005D40363E5303D');"
                         "INSERT INTO heads VALUES (1, 2000, 2.5, 0, 2000, 0);"
                         "INSERT INTO epochs (epoch, agent, class, watermark, advanced) "
                         "VALUES (zeroblob(16), '000001', 2, 7, 9);"));
  }
  open();
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, (std::vector<double>{0, 1, 2.5}));
  EXPECT_EQ(store_->latest(std::vector{kSeries})->at(0)->value, 2.5);
  EXPECT_EQ(store_->epoch(EpochId{}).value()->watermark, 7u);
  put(kSeries, ramp(3, 2));
  put(kSeries, ramp(1, 1));  // replaces what the old chunk has
  ASSERT_TRUE(store_->settle());
  open();
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit)->value, (std::vector<double>{0, 1, 2.5, 3, 4}));
  EXPECT_EQ(number_of(samples_file(), "SELECT count(*) FROM sqlite_schema WHERE name = 'chunks'"),
            0);
}

}  // namespace
}  // namespace millwright
