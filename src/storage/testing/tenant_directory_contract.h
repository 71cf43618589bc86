#pragma once
/// The contract of TenantDirectory. Include in one test file of an adapter and instantiate.

#include "storage/testing/store_under_test.h"

namespace millwright::testing {

class TenantDirectoryContract : public StoreContract {
 protected:
  TenantDirectory& directory() { return under_test_->directory(); }
  static Principal viewer_of(std::string_view tenant) {
    Principal principal;
    principal.tenant = tenant_id(tenant);
    return principal;
  }
};

TEST_P(TenantDirectoryContract, AnOpenStoreIsShared) {
  EXPECT_EQ(*directory().open_for_service(tenant_id("100000")), store_);
  EXPECT_EQ(store_->tenant(), tenant_id("100000"));
}

TEST_P(TenantDirectoryContract, ATenantIsCreatedOnce) {
  EXPECT_EQ(code_of(directory().create(tenant_id("100000"))), ErrorCode::kAlreadyExists);
}

TEST_P(TenantDirectoryContract, ListsTenantsInOrder) {
  ASSERT_TRUE(directory().create(tenant_id("900000")));
  ASSERT_TRUE(directory().create(tenant_id("200000")));
  EXPECT_EQ(*directory().tenants(),
            (std::vector{tenant_id("100000"), tenant_id("200000"), tenant_id("900000")}));
  reopen();
  EXPECT_EQ(directory().tenants()->size(), 3u);
}

TEST_P(TenantDirectoryContract, AForeignTenantAndAMissingOneLookTheSame) {
  ASSERT_TRUE(directory().create(tenant_id("100001")));
  const auto own = directory().open(viewer_of("100000"), tenant_id("100000"));
  EXPECT_TRUE(own);
  const auto foreign = directory().open(viewer_of("100000"), tenant_id("100001"));
  const auto missing = directory().open(viewer_of("100000"), tenant_id("100002"));
  ASSERT_EQ(code_of(foreign), ErrorCode::kNotFound);
  ASSERT_EQ(code_of(missing), ErrorCode::kNotFound);
  EXPECT_EQ(foreign.error().message, "tenant '100001' does not exist; check the identifier");
  EXPECT_EQ(missing.error().message, "tenant '100002' does not exist; check the identifier");
  const auto unknown = directory().open_for_service(tenant_id("100002"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, missing.error().message);
}

TEST_P(TenantDirectoryContract, TenantsShareNothing) {
  ASSERT_TRUE(directory().create(tenant_id("100001")));
  const auto other = *directory().open_for_service(tenant_id("100001"));
  put(kSeries, {10}, {1.5});
  ASSERT_TRUE(catalog().put_state("key", "value"));
  EXPECT_EQ(*other->samples().count(kSeries, kEver), 0u);
  EXPECT_EQ(*other->catalog().state("key"), std::nullopt);
}

TEST_P(TenantDirectoryContract, DataOutlivesItsOpening) {
  put(kSeries, {10}, {1.5});
  reopen();
  EXPECT_EQ(all(kSeries).value, std::vector{1.5});
}

}  // namespace millwright::testing
