// Damage in the files of samples is named, set aside and hurts nobody else.
#include <gtest/gtest.h>

#include "storage/sqlite/store_files.h"

namespace millwright {
namespace {

using testing::kEver;
using testing::kNoLimit;
using testing::kOther;
using testing::kSeries;
using testing::ramp;
using SqliteDamageTest = testing::StoreFiles;

TEST_F(SqliteDamageTest, ADamagedChunkIsNamedAndHurtsNobodyElse) {
  put(kSeries, ramp(0, 100));
  put(kOther, ramp(0, 100));
  ASSERT_TRUE(store_->settle());
  execute(chunks_file(),
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

TEST_F(SqliteDamageTest, AMissingChunkIsDamageToo) {
  put(kSeries, ramp(0, 10));
  ASSERT_TRUE(store_->settle());
  execute(chunks_file(), "DELETE FROM chunk_data");
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit).error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteDamageTest, ChunksThatAreNotThoseAnnouncedAreDamage) {
  put(kSeries, ramp(0, 10));
  put(kOther, ramp(5, 10));
  ASSERT_TRUE(store_->settle());
  execute(chunks_file(),
          "UPDATE chunk_data SET bytes = (SELECT bytes FROM chunk_data WHERE version = "
          "(SELECT version FROM chunks WHERE series = 2))");
  EXPECT_EQ(store_->read(kSeries, kEver, kNoLimit).error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(store_->read(kOther, kEver, kNoLimit));
}

TEST_F(SqliteDamageTest, ADamagedChunkDoesNotStopHousekeepingOfOthers) {
  put(kSeries, ramp(0, 10));
  put(kOther, ramp(0, 10));
  ASSERT_TRUE(store_->settle());
  execute(chunks_file(),
          "UPDATE chunk_data SET bytes = x'00' "
          "WHERE version = (SELECT version FROM chunks WHERE series = 1)");
  put(kSeries, ramp(10, 10));
  put(kOther, ramp(10, 10));
  ASSERT_TRUE(store_->settle());
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunks WHERE series = 2"), 1);
  EXPECT_EQ(number_of(chunks_file(), "SELECT count(*) FROM chunks WHERE series = 1"), 2);
  EXPECT_EQ(store_->read(kOther, kEver, kNoLimit)->size(), 20u);
}

TEST_F(SqliteDamageTest, AnAggregateOverWholeChunksReadsNoBytes) {
  put(kSeries, ramp(0, 4'096));
  ASSERT_TRUE(store_->settle());
  execute(chunks_file(), "UPDATE chunk_data SET bytes = x'00'");
  const std::vector<std::int64_t> boundaries{0, 4'096'000};
  const auto buckets = store_->aggregate(kSeries, boundaries);
  ASSERT_TRUE(buckets);
  EXPECT_EQ((*buckets)[0].count, 4'096u);
  EXPECT_EQ((*buckets)[0].sum, 4'095.0 * 4'096 / 2);
  const std::vector<std::int64_t> cut{0, 1'000, 4'096'000};
  EXPECT_EQ(store_->aggregate(kSeries, cut).error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteDamageTest, ADamagedRecordOfTheLogIsSetAside) {
  put(kSeries, ramp(0, 10));
  put(kSeries, ramp(10, 10));
  put(kSeries, ramp(20, 10));
  execute(samples_file(), "UPDATE log SET bytes = zeroblob(length(bytes)) WHERE id = 2");
  open();
  EXPECT_EQ(store_->read(kSeries, {0, 10'000}, kNoLimit)->size(), 10u);
  EXPECT_EQ(store_->read(kSeries, {20'000, 30'000}, kNoLimit)->size(), 10u);
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 20u);
  EXPECT_EQ(number_of(samples_file(), "SELECT id FROM damaged_log"), 2);
  put(kSeries, ramp(30, 10));
  open();
  EXPECT_EQ(store_->count(kSeries, kEver).value(), 30u);
}

}  // namespace
}  // namespace millwright
