#include "sqlite/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace millwright::sqlite {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("millwright-sqlite-" + std::to_string(::getpid()));
  const std::filesystem::path file_ = folder_ / "a.db";
};

TEST_F(DatabaseTest, KeepsValuesOfEveryType) {
  auto db = *Database::open(file_);
  ASSERT_TRUE(db.execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT) STRICT"));
  auto insert = *db.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  const std::vector<std::uint8_t> blob{0, 1, 255};
  ASSERT_TRUE(insert
                  .bind_all(std::int64_t{-5}, 0.1, "", std::span<const std::uint8_t>(blob),
                            std::optional<std::string>())
                  .run());
  auto select = *db.prepare("SELECT * FROM t");
  ASSERT_TRUE(*select.step());
  EXPECT_EQ(select.integer(0), -5);
  EXPECT_EQ(select.real(1), 0.1);
  EXPECT_EQ(select.optional_text(2), std::string());
  EXPECT_EQ(select.blob(3).size(), 3u);
  EXPECT_EQ(select.optional_text(4), std::nullopt);
  EXPECT_FALSE(*select.step());
}

TEST_F(DatabaseTest, AnUncommittedTransactionLeavesNoTrace) {
  auto db = *Database::open(file_);
  ASSERT_TRUE(db.execute("CREATE TABLE t (i INTEGER)"));
  {
    auto transaction = Transaction::begin(db);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(db.execute("INSERT INTO t VALUES (1)"));
  }
  auto select = *db.prepare("SELECT count(*) FROM t");
  ASSERT_TRUE(*select.step());
  EXPECT_EQ(select.integer(0), 0);
}

TEST_F(DatabaseTest, MigratesForwardOnceAndRefusesANewerFile) {
  const char* const both[] = {"CREATE TABLE a (i INTEGER)", "CREATE TABLE b (i INTEGER)"};
  auto db = *Database::open(file_);
  ASSERT_TRUE(db.migrate(std::span(both).first(1)));
  ASSERT_TRUE(db.migrate(both));
  ASSERT_TRUE(db.migrate(both));
  ASSERT_TRUE(db.execute("INSERT INTO b VALUES (1)"));
  const auto older = db.migrate(std::span(both).first(1));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsNamed) {
  { std::ofstream(file_) << std::string(4096, 'x'); }
  const auto opened = Database::open(file_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kDataLoss);
}

// Every byte that the disk spoils is an error when it is read, and never another value.
TEST_F(DatabaseTest, ASpoiltByteIsDamageAndNeverAnotherValue) {
  {
    auto db = *Database::open(file_, {.page_bytes = 1'024});
    ASSERT_TRUE(db.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, r REAL, b BLOB) STRICT"));
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(db.execute(
          "INSERT INTO t (r, b) VALUES (random() / 7.0, randomblob(abs(random()) % 3000))"));
    }
  }
  const auto read = [&]() -> Result<std::string> {
    MW_ASSIGN(Database db, Database::open(file_));
    MW_ASSIGN(Statement rows, db.prepare("SELECT i, r, hex(b) FROM t"));
    std::string out;
    while (true) {
      MW_ASSIGN(const bool more, rows.step());
      if (!more) return out;
      out += std::to_string(rows.integer(0)) + rows.text(1) + rows.text(2);
    }
  };
  const std::string truth = *read();
  std::ifstream file(file_, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  int damaged = 0;
  for (std::size_t at = 0; at < good.size(); at += at < 120 ? 1 : 61) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    std::ofstream(file_, std::ios::binary) << bad;
    const auto found = read();
    if (found) {
      ASSERT_EQ(*found, truth) << "byte " << at;
    } else {
      ++damaged;
    }
  }
  EXPECT_GT(damaged, 1'000);
}

TEST_F(DatabaseTest, AFileWithoutPageChecksumsIsReadAndWritten) {
  sqlite3* plain = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &plain), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(plain, "CREATE TABLE t (i); INSERT INTO t VALUES (7)", nullptr, nullptr,
                         nullptr),
            SQLITE_OK);
  sqlite3_close(plain);
  for (int round = 0; round < 2; ++round) {
    auto db = *Database::open(file_);
    ASSERT_TRUE(db.execute("INSERT INTO t SELECT i + 1 FROM t"));
  }
  auto db = *Database::open(file_);
  auto sum = *db.prepare("SELECT sum(i) FROM t");
  ASSERT_TRUE(*sum.step());
  EXPECT_EQ(sum.integer(0), 7 + 8 + 8 + 9);
}

}  // namespace
}  // namespace millwright::sqlite
