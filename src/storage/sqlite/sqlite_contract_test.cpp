#include "storage/sqlite/sqlite_under_test.h"
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

const StoreFactory kFactory{"sqlite", [] { return std::make_unique<SqliteUnderTest>(); }};

INSTANTIATE_TEST_SUITE_P(Sqlite, TenantDirectoryContract, ::testing::Values(kFactory),
                         factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, TenantCatalogContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, AggregateContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, LabelContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, LimitContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, PredictionContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ExpiryContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ProducerContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, SampleStoreContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, SampleHistoryContract, ::testing::Values(kFactory), factory_name);

}  // namespace
}  // namespace millwright::testing
