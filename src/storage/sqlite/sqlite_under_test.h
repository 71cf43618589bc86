#pragma once
/// A SQLite directory in a folder of its own that is removed at the end; for this folder's tests.

#include <stdlib.h>

#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const std::filesystem::path memory = "/dev/shm";  // a flush costs nothing there
    const bool has_memory = std::filesystem::is_directory(memory);
    const auto parent = has_memory ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "millwright-XXXXXX").string();
    MW_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class SqliteUnderTest final : public StoreUnderTest {
 public:
  SqliteUnderTest() { reopen(); }
  TenantDirectory& directory() override { return *directory_; }
  void reopen() override {
    directory_.reset();
    auto opened = SqliteTenantDirectory::open(folder_.path());
    MW_CHECK(opened.has_value());
    directory_ = std::move(opened).value();
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteTenantDirectory> directory_;
};

}  // namespace millwright::testing
