#pragma once
/// A sample store in a folder of its own whose files the test may look into and change behind the
/// store's back; for this folder's tests.

#include <gtest/gtest.h>

#include "storage/sqlite/samples_files.h"
#include "storage/sqlite/samples_schema.h"
#include "storage/sqlite/sqlite_sample_store.h"
#include "storage/sqlite/sqlite_under_test.h"

namespace millwright::testing {

/// Sample i of `count` from `first` on is at i ms and has the value i.
inline SampleColumns ramp(std::int64_t first, std::int64_t count) {
  SampleColumns out;
  for (std::int64_t i = first; i < first + count; ++i) {
    out.append(i * 1'000, static_cast<double>(i));
  }
  return out;
}

class StoreFiles : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    store_.reset();
    auto opened = SqliteSampleStore::open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void put(SeriesId series, const SampleColumns& columns) {
    Append append;
    append.samples.append(series, columns);
    ASSERT_TRUE(store_->append({&append, 1})[0]);
  }
  std::filesystem::path samples_file() const { return SamplesFiles::in(folder_.path()).samples; }
  std::filesystem::path chunks_file() const { return SamplesFiles::in(folder_.path()).chunks; }

  std::int64_t number_of(const std::filesystem::path& file, const char* sql) {
    auto database = *sqlite::Database::open_read_only(file);
    auto query = *database.prepare(sql);
    EXPECT_TRUE(*query.step());
    return query.integer(0);
  }
  /// Changes the file behind the store's back.
  void execute(const std::filesystem::path& file, const char* sql) {
    auto database = *sqlite::Database::open(file);
    ASSERT_TRUE(database.execute(sql));
  }

  const TemporaryFolder folder_;
  std::unique_ptr<SqliteSampleStore> store_;
};

}  // namespace millwright::testing
