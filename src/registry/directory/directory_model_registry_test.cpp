#include "registry/directory/directory_model_registry.h"

#include <fstream>

#include "base/testing/temporary_folder.h"
#include "registry/testing/model_registry_contract.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

/// Keeps its folder for as long as it lives.
class TemporaryRegistry final : public ModelRegistry {
 public:
  explicit TemporaryRegistry(const Clock& clock)
      : registry_(DirectoryModelRegistry::open(folder_.path(), clock).value()) {}
  Result<std::vector<std::string>> names() override { return registry_->names(); }
  Result<std::vector<ModelVersion>> versions(std::string_view name) override {
    return registry_->versions(name);
  }
  Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) override {
    return registry_->fetch(name, version);
  }
  Result<std::optional<ModelVersion>> live(std::string_view name) override {
    return registry_->live(name);
  }
  Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                           std::span<const std::byte> bytes, const nlohmann::json& card) override {
    return registry_->put(name, version, bytes, card);
  }
  Result<ModelVersion> promote(std::string_view name, int version) override {
    return registry_->promote(name, version);
  }
  Result<ModelVersion> rollback(std::string_view name) override {
    return registry_->rollback(name);
  }

 private:
  testing::TemporaryFolder folder_;
  std::unique_ptr<DirectoryModelRegistry> registry_;
};

INSTANTIATE_TEST_SUITE_P(Directory, ModelRegistryContract,
                         ::testing::Values([](const Clock& clock) {
                           return std::make_unique<TemporaryRegistry>(clock);
                         }));

class DirectoryModelRegistryTest : public ::testing::Test {
 protected:
  std::unique_ptr<DirectoryModelRegistry> open() {
    return DirectoryModelRegistry::open(folder_.path() / "models", clock_).value();
  }
  static std::vector<std::byte> bytes() { return std::vector<std::byte>(100, std::byte{7}); }

  ManualClock clock_{from_us(1'700'000'000'000'000)};
  testing::TemporaryFolder folder_;
};

TEST_F(DirectoryModelRegistryTest, AnotherProcessFindsEverythingAgain) {
  auto first = open();
  ASSERT_TRUE(first->put("gear", std::nullopt, bytes(), {{"a", 1}}));
  ASSERT_TRUE(first->put("gear", std::nullopt, bytes(), {{"a", 2}}));
  ASSERT_TRUE(first->promote("gear", 1));
  ASSERT_TRUE(first->promote("gear", 2));
  auto second = open();
  const auto live = second->fetch("gear", std::nullopt);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->version.version, 2);
  EXPECT_EQ(live->version.card["a"], 2);
  EXPECT_EQ(second->rollback("gear")->version, 1);
}

TEST_F(DirectoryModelRegistryTest, HalfAVersionIsNotSeenAndIsOverwritten) {
  auto registry = open();
  ASSERT_TRUE(registry->put("gear", std::nullopt, bytes(), nlohmann::json::object()));
  fs::create_directories(folder_.path() / "models/gear/2");
  std::ofstream(folder_.path() / "models/gear/2/model.mwm") << "half";
  EXPECT_EQ(registry->versions("gear")->size(), 1u);
  EXPECT_EQ(registry->put("gear", std::nullopt, bytes(), nlohmann::json::object())->version, 2);
  EXPECT_EQ(registry->fetch("gear", 2)->bytes, bytes());
}

TEST_F(DirectoryModelRegistryTest, ChangedBytesAreNoticed) {
  auto registry = open();
  ASSERT_TRUE(registry->put("gear", std::nullopt, bytes(), nlohmann::json::object()));
  std::ofstream(folder_.path() / "models/gear/1/model.mwm", std::ios::app) << "!";
  const auto fetched = registry->fetch("gear", 1);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kDataLoss);
}

TEST_F(DirectoryModelRegistryTest, AFolderThatCannotBeMadeIsUnavailable) {
  std::ofstream(folder_.path() / "file") << "x";
  const auto opened = DirectoryModelRegistry::open(folder_.path() / "file/models", clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace millwright
