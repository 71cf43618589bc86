// A copy that is made while others write.
#include "sqlite/online_copy.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <thread>

#include "sqlite/checked_pages.h"

namespace millwright::sqlite {
namespace {

class OnlineCopyTest : public testing::Test {
 protected:
  OnlineCopyTest() {
    std::string name = (std::filesystem::temp_directory_path() / "online_copy_XXXXXX").string();
    MW_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~OnlineCopyTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::int64_t number(const std::filesystem::path& file, const char* sql) {
    auto database = *Database::open_read_only(file);
    auto query = *database.prepare(sql);
    EXPECT_TRUE(*query.step());
    return query.integer(0);
  }
  std::filesystem::path folder_;
};

/// Both columns of the two tables are changed in one transaction each: a copy in between would see
/// a difference.
TEST_F(OnlineCopyTest, IsOneStateWhileOthersWrite) {
  const auto file = folder_ / "a.db";
  auto writer = *Database::open(file, {.page_bytes = 4'096, .incremental_vacuum = true});
  ASSERT_TRUE(writer.execute("CREATE TABLE a (n INTEGER, b BLOB); CREATE TABLE b (n INTEGER)"));
  std::atomic<bool> is_over = false;
  std::atomic<int> commits = 0;
  std::thread writing([&] {
    while (!is_over) {
      MW_CHECK(writer
                   .execute("BEGIN; INSERT INTO a VALUES (1, randomblob(3000)); "
                            "INSERT INTO b VALUES (1); COMMIT")
                   .has_value());
      ++commits;
    }
  });
  while (commits < 200) std::this_thread::yield();
  for (int i = 0; i < 5; ++i) {
    auto reader = *Database::open_read_only(file);
    const auto copy = folder_ / ("copy" + std::to_string(i));
    const auto copied = copy_online(reader, copy);
    ASSERT_TRUE(copied) << copied.error().message << copied.error().detail;
    const std::int64_t rows = number(copy, "SELECT count(*) FROM a");
    EXPECT_GE(rows, 200);
    EXPECT_EQ(number(copy, "SELECT count(*) FROM b"), rows);
    EXPECT_EQ(number(copy, "PRAGMA user_version"), number(file, "PRAGMA user_version"));
  }
  is_over = true;
  writing.join();
}

TEST_F(OnlineCopyTest, EveryPageOfTheCopyHasItsChecksum) {
  const auto file = folder_ / "a.db";
  auto writer = *Database::open(file, {.page_bytes = 65'536, .incremental_vacuum = true});
  ASSERT_TRUE(writer.execute(
      "CREATE TABLE a (b BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
      "WHERE i < 2000) INSERT INTO a SELECT randomblob(9000) FROM n"));
  auto reader = *Database::open_read_only(file);
  const auto copy = folder_ / "copy.db";
  ASSERT_TRUE(copy_online(reader, copy));
  std::ifstream in(copy, std::ios::binary);
  std::vector<std::uint8_t> page(65'536);
  std::uint64_t pages = 0;
  while (in.read(reinterpret_cast<char*>(page.data()), static_cast<std::streamsize>(page.size()))) {
    ASSERT_TRUE(is_page_intact(page, ++pages)) << "page " << pages;
  }
  EXPECT_GT(pages, 250u);
  EXPECT_EQ(number(copy, "SELECT count(*) FROM a"), 2'000);
}

TEST_F(OnlineCopyTest, OverwritesNothingAndLeavesNothingBehindAfterDamage) {
  const auto file = folder_ / "a.db";
  {
    auto writer = *Database::open(file, {.page_bytes = 4'096, .incremental_vacuum = false});
    ASSERT_TRUE(
        writer.execute("CREATE TABLE a (b BLOB); INSERT INTO a VALUES (randomblob(90000))"));
  }
  auto reader = *Database::open_read_only(file);
  EXPECT_EQ(copy_online(reader, file).error().code, ErrorCode::kAlreadyExists);
  {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(8 * 4'096 + 100);
    bytes.put('x').put('y').put('z');
  }
  auto other = *Database::open_read_only(file);
  const auto copied = copy_online(other, folder_ / "copy.db");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::kDataLoss);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "copy.db"));
}

}  // namespace
}  // namespace millwright::sqlite
