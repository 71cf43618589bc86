#include "storage/sqlite/sqlite_tenant_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

}  // namespace
}  // namespace millwright
