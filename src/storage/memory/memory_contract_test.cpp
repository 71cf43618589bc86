#include "storage/memory/memory_tenant_directory.h"
#include "storage/testing/aggregate_contract.h"
#include "storage/testing/expiry_contract.h"
#include "storage/testing/label_contract.h"
#include "storage/testing/limit_contract.h"
#include "storage/testing/prediction_contract.h"
#include "storage/testing/producer_contract.h"
#include "storage/testing/sample_history_contract.h"
#include "storage/testing/sample_store_contract.h"
#include "storage/testing/tenant_catalog_contract.h"
#include "storage/testing/tenant_directory_contract.h"

namespace millwright::testing {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  TenantDirectory& directory() override { return directory_; }

 private:
  MemoryTenantDirectory directory_;
};

const StoreFactory kFactory{"memory", [] { return std::make_unique<MemoryUnderTest>(); }};

INSTANTIATE_TEST_SUITE_P(Memory, TenantDirectoryContract, ::testing::Values(kFactory),
                         factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, TenantCatalogContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, AggregateContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, LabelContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, LimitContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, PredictionContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, ExpiryContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, ProducerContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, SampleStoreContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Memory, SampleHistoryContract, ::testing::Values(kFactory), factory_name);

}  // namespace
}  // namespace millwright::testing
