#pragma once
/// A SQLite directory in a folder of its own that is removed at the end; for this folder's tests.

#include "base/testing/temporary_folder.h"
#include "storage/sqlite/sqlite_tenant_directory.h"
#include "storage/testing/store_under_test.h"

namespace millwright::testing {

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
