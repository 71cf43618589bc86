#include "registry/chained/chained_model_registry.h"

#include "registry/memory/memory_model_registry.h"
#include "registry/testing/model_registry_contract.h"

namespace millwright {
namespace {

/// An empty registry that lives as long as the program.
ModelRegistry& empty_registry() {
  static const ManualClock clock{from_us(0)};
  static MemoryModelRegistry registry(clock);
  return registry;
}

/// The first of the chain lives until the next test makes its own.
std::unique_ptr<ModelRegistry> chain_before_nothing(const Clock& clock) {
  static std::unique_ptr<MemoryModelRegistry> first;
  first = std::make_unique<MemoryModelRegistry>(clock);
  return std::make_unique<ChainedModelRegistry>(*first, empty_registry());
}

INSTANTIATE_TEST_SUITE_P(Chained, ModelRegistryContract, ::testing::Values(chain_before_nothing));

class ChainedModelRegistryTest : public ::testing::Test {
 protected:
  void put(ModelRegistry& registry, std::string_view name, char content) {
    const std::vector<std::byte> bytes(3, static_cast<std::byte>(content));
    ASSERT_TRUE(registry.put(name, std::nullopt, bytes, nlohmann::json::object()));
  }
  std::string content(std::string_view name) {
    const auto fetched = chain_.fetch(name, 1);
    if (!fetched) return std::string(to_string(fetched.error().code));
    return {static_cast<char>(fetched->bytes[0])};
  }
  ManualClock clock_{from_us(0)};
  MemoryModelRegistry first_{clock_};
  MemoryModelRegistry second_{clock_};
  ChainedModelRegistry chain_{first_, second_};
};

TEST_F(ChainedModelRegistryTest, ANameBelongsToTheFirstThatKnowsIt) {
  put(first_, "gear", 'a');
  put(second_, "gear", 'b');
  put(second_, "pump", 'c');
  EXPECT_EQ(chain_.names().value(), (std::vector<std::string>{"gear", "pump"}));
  EXPECT_EQ(content("gear"), "a");
  EXPECT_EQ(content("pump"), "c");
  EXPECT_EQ(content("fan"), "not_found");
}

TEST_F(ChainedModelRegistryTest, ChangesGoToTheOwnerAndNewNamesToTheFirst) {
  put(second_, "pump", 'c');
  ASSERT_TRUE(chain_.promote("pump", 1));
  EXPECT_EQ(second_.live("pump").value()->version, 1);
  EXPECT_EQ(chain_.live("pump").value()->version, 1);
  EXPECT_EQ(chain_.rollback("pump").error().code, ErrorCode::kFailedPrecondition);
  put(chain_, "fan", 'd');
  EXPECT_TRUE(first_.versions("fan"));
  EXPECT_FALSE(second_.versions("fan"));
}

}  // namespace
}  // namespace millwright
