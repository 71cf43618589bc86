#include "analytics/model_runner.h"

#include <gtest/gtest.h>

#include "ml/fault/gear_training.h"
#include "registry/memory/memory_model_registry.h"
#include "signal/gear_vibration.h"

namespace millwright {
namespace {

class RegistryModelRunnerTest : public ::testing::Test {
 protected:
  static const std::vector<std::byte>& gear_bytes() {
    static const std::vector<std::byte> bytes = [] {
      const auto runs = ml::simulate_gear_runs(7, 3, 1'024);
      auto trained = ml::train_gear(runs, 7, [](const std::string&) {});
      MW_CHECK(trained.has_value());
      return std::move(trained->file);
    }();
    return bytes;
  }
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(registry_.put("gear", std::nullopt, gear_bytes(), {{"number", i}}));
    }
    const std::vector<std::byte> pickle(64, std::byte{0x80});
    ASSERT_TRUE(registry_.put("pickle", std::nullopt, pickle, nlohmann::json::object()));
  }
  static std::vector<std::vector<double>> window() {
    auto gear = signal::GearVibration::create({});
    MW_CHECK(gear.has_value());
    const signal::GearBurst burst = gear->generate(ml::kGearWindowSize);
    return {burst.x_axis, burst.y_axis};
  }

  ManualClock clock_{from_us(0)};
  MemoryModelRegistry registry_{clock_};
  RegistryModelRunner runner_{registry_};
};

TEST_F(RegistryModelRunnerTest, FindsByNumberAndTheLiveOneByName) {
  ASSERT_TRUE(registry_.promote("gear", 2));
  EXPECT_EQ(runner_.find("gear", "3")->version, "3");
  EXPECT_EQ(runner_.find("gear", "live")->version, "2");
  EXPECT_EQ(runner_.find("gear", "latest")->version, "2");
  EXPECT_EQ(runner_.find("gear", "1")->window_size, ml::kGearWindowSize);
  EXPECT_EQ(runner_.find("gear", "1")->inputs, (std::vector<std::string>{"x_axis", "y_axis"}));
}

TEST_F(RegistryModelRunnerTest, RefusesWhatItCannotRun) {
  const auto code = [&](const char* name, const char* version) {
    const auto found = runner_.find(name, version);
    return found ? std::string("found") : std::string(to_string(found.error().code));
  };
  EXPECT_EQ(code("gear", "live"), "not_found");  // none is live
  EXPECT_EQ(code("gear", "4"), "not_found");
  EXPECT_EQ(code("pump", "1"), "not_found");
  for (const char* version : {"", "0", "-1", "1.0", "one", "99999999999999999999"}) {
    EXPECT_EQ(code("gear", version), "invalid_argument") << version;
  }
  EXPECT_EQ(code("../gear", "1"), "invalid_argument");
  EXPECT_EQ(code("pickle", "1"), "failed_precondition");
}

TEST_F(RegistryModelRunnerTest, JudgesAWindowAlsoAfterOthersWereLoaded) {
  const auto first = runner_.find("gear", "1");
  ASSERT_TRUE(first);
  const auto before = runner_.judge(*first, window(), 5'000);
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_GT(before->probability, 0);
  ASSERT_TRUE(runner_.find("gear", "2"));
  ASSERT_TRUE(runner_.find("gear", "3"));  // version 1 is not loaded any more
  const auto after = runner_.judge(*first, window(), 5'000);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->predicted, before->predicted);
  EXPECT_EQ(after->probability, before->probability);
}

}  // namespace
}  // namespace millwright
