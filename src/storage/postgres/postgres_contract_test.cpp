#include "storage/postgres/postgres_tenant_directory.h"

#include "postgres/testing/test_cluster.h"
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

using postgres::testing::TestCluster;

/// A directory database of its own on the test server; all databases go at the end.
class PostgresUnderTest final : public StoreUnderTest {
 public:
  PostgresUnderTest() { reopen(); }
  ~PostgresUnderTest() override {
    directory_.reset();
    auto server = postgres::Connection::open(TestCluster::instance()->database("postgres"));
    if (!server) return;
    const auto names = server->query(
        "SELECT datname::text FROM pg_database WHERE datname LIKE 'tenant\\_%' OR datname = 'mw'");
    if (!names) return;
    for (std::size_t i = 0; i < names->size(); ++i) {
      (void)server->execute("DROP DATABASE \"" + names->text(i, 0) + "\" WITH (FORCE)");
    }
  }
  TenantDirectory& directory() override { return *directory_; }
  void reopen() override {
    directory_.reset();
    auto opened =
        PostgresTenantDirectory::open(TestCluster::instance()->database("mw"), "test:9090");
    if (!opened) std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
    MW_CHECK(opened.has_value());
    directory_ = std::move(opened).value();
  }

 private:
  std::unique_ptr<PostgresTenantDirectory> directory_;
};

const StoreFactory kFactory{"postgres", []() -> std::unique_ptr<StoreUnderTest> {
                              if (TestCluster::instance() == nullptr) return nullptr;
                              return std::make_unique<PostgresUnderTest>();
                            }};

INSTANTIATE_TEST_SUITE_P(Postgres, TenantDirectoryContract, ::testing::Values(kFactory),
                         factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, TenantCatalogContract, ::testing::Values(kFactory),
                         factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, AggregateContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, LabelContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, LimitContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, PredictionContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ExpiryContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ProducerContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, SampleStoreContract, ::testing::Values(kFactory), factory_name);
INSTANTIATE_TEST_SUITE_P(Postgres, SampleHistoryContract, ::testing::Values(kFactory),
                         factory_name);

}  // namespace
}  // namespace millwright::testing
