#include "storage/sqlite/sqlite_tenant_directory.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <thread>

#include "storage/sqlite/sqlite_under_test.h"

namespace millwright {
namespace {

using testing::tenant_id;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status = {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

TEST(SqliteTenantDirectory, FoldersAndFilesAreTheOwnersAlone) {
  const testing::TemporaryFolder folder;
  auto directory = *SqliteTenantDirectory::open(folder.path() / "data");
  ASSERT_TRUE(directory->create(tenant_id("100000")));
  const auto store = *directory->open_for_service(tenant_id("100000"));
  const auto tenant = folder.path() / "data" / "tenants" / "100000";
  for (const auto& each : {folder.path() / "data", tenant.parent_path(), tenant}) {
    EXPECT_EQ(mode_of(each), 0700u) << each;
  }
  for (const char* file : {"catalog.db", "samples.db", "samples.db-wal", "samples.db-shm"}) {
    EXPECT_EQ(mode_of(tenant / file), 0600u) << file;
  }
  EXPECT_EQ(mode_of(folder.path() / "data" / "lock"), 0600u);
}

TEST(SqliteTenantDirectory, ASecondProcessIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const auto first = SqliteTenantDirectory::open(folder.path());
  ASSERT_TRUE(first);
  const auto second = SqliteTenantDirectory::open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(second.error().message, "data folder " + folder.path().string() +
                                        " is in use by process '" + std::to_string(::getpid()) +
                                        "'; stop it or choose another data folder");
}

TEST(SqliteTenantDirectory, ADeadProcessLetsGo) {
  const testing::TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = SqliteTenantDirectory::open(folder.path());
    ::_exit(held ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(SqliteTenantDirectory::open(folder.path()));
}

TEST(SqliteTenantDirectory, AStoreKeepsTheFolderTakenAndIsClosedByItsLastHolder) {
  const testing::TemporaryFolder folder;
  auto directory = *SqliteTenantDirectory::open(folder.path());
  ASSERT_TRUE(directory->create(tenant_id("100000")));
  auto store = *directory->open_for_service(tenant_id("100000"));
  directory.reset();
  EXPECT_FALSE(SqliteTenantDirectory::open(folder.path()));
  EXPECT_TRUE(store->catalog().put_state("still", "works"));
  store.reset();
  EXPECT_TRUE(SqliteTenantDirectory::open(folder.path()));
}

TEST(SqliteTenantDirectory, AFolderThatCannotBeMadeIsNamed) {
  const auto opened = SqliteTenantDirectory::open("/proc/millwright");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(opened.error().message.find("/proc/millwright"), std::string::npos);
}

TEST(SqliteTenantDirectory, OtherFoldersAreNoTenants) {
  const testing::TemporaryFolder folder;
  auto directory = *SqliteTenantDirectory::open(folder.path());
  std::filesystem::create_directory(folder.path() / "tenants" / "a.b");
  std::filesystem::create_directory(folder.path() / "tenants" / "x");
  EXPECT_TRUE(directory->tenants()->empty());
}

std::size_t count_entries(const char* folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

// Two hundred tenants in one process: those that are idle cost no files and no threads.
TEST(SqliteTenantDirectory, IdleTenantsCostNoFilesAndNoThreads) {
  constexpr int kTenants = 200;
  const testing::TemporaryFolder folder;
  auto directory = SqliteTenantDirectory::open(folder.path()).value();
  const std::size_t files = count_entries("/proc/self/fd");
  const std::size_t threads = count_entries("/proc/self/task");
  const auto id = [](int i) { return testing::tenant_id(std::to_string(100'000 + i)); };
  Append append;
  append.samples.append(testing::kSeries, 1'000, 1.5);
  for (int i = 0; i < kTenants; ++i) {
    ASSERT_TRUE(directory->create(id(i)));
    const auto store = directory->open_for_service(id(i)).value();
    ASSERT_TRUE(store->samples().append({&append, 1})[0]);
  }
  const auto held = directory->open_for_service(id(0)).value();
  EXPECT_GT(count_entries("/proc/self/fd"), files + kTenants);
  directory->release_idle(std::chrono::hours(1));  // too early for all
  EXPECT_GT(count_entries("/proc/self/fd"), files + kTenants);
  directory->release_idle(std::chrono::seconds(0));
  for (int wait = 0; wait < 2'000 && count_entries("/proc/self/fd") > files + 20; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LE(count_entries("/proc/self/fd"), files + 20);  // of the one that is held
  EXPECT_EQ(count_entries("/proc/self/task"), threads);
  EXPECT_EQ(directory->open_for_service(id(0)).value(), held);
  const auto again = directory->open_for_service(id(117)).value();
  EXPECT_EQ(again->samples().latest(std::vector{testing::kSeries})->at(0)->value, 1.5);
}

}  // namespace
}  // namespace millwright
