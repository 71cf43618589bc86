#include "analyst/live_models.h"

#include <gtest/gtest.h>

#include "ml/fault/gear_training.h"
#include "registry/memory/memory_model_registry.h"
#include "signal/gear_vibration.h"

namespace millwright {
namespace {

constexpr std::uint64_t kSeed = 7;

/// A small gear model, trained once for all tests here.
const std::vector<std::byte>& gear_bytes() {
  static const std::vector<std::byte> bytes = [] {
    const auto runs = ml::simulate_gear_runs(kSeed, 3, 1'024);
    auto trained = ml::train_gear(runs, kSeed, [](const std::string&) {});
    MW_CHECK(trained.has_value());
    return std::move(trained->file);
  }();
  return bytes;
}

class RegistryLiveModelsTest : public ::testing::Test {
 protected:
  int put(std::string_view name, const nlohmann::json& card, bool live) {
    const auto version = registry_.put(name, std::nullopt, gear_bytes(), card);
    MW_CHECK(version.has_value());
    if (live) MW_CHECK(registry_.promote(name, version->version).has_value());
    return version->version;
  }

  ManualClock clock_{from_us(0)};
  MemoryModelRegistry registry_{clock_};
  RegistryLiveModels live_{registry_};
};

TEST_F(RegistryLiveModelsTest, OnlyLiveVersionsRunAndChangesAreNoticed) {
  put("gear", {{"note", "first"}}, false);
  EXPECT_TRUE(live_.refresh());
  EXPECT_TRUE(live_.models().burst.empty());

  ASSERT_TRUE(registry_.promote("gear", 1));
  EXPECT_TRUE(live_.refresh().value());
  ASSERT_EQ(live_.models().burst.size(), 1U);
  const auto model = live_.models().burst.front();
  EXPECT_EQ(model->label().name, "gear");
  EXPECT_EQ(model->label().version, "1");
  EXPECT_EQ(model->label().inputs, (std::vector<std::string>{"x_axis", "y_axis"}));

  EXPECT_FALSE(live_.refresh().value());
  EXPECT_EQ(live_.models().burst.front(), model);  // the same object: watches go on
}

TEST_F(RegistryLiveModelsTest, TheCardNamesTheInputs) {
  put("pump", {{"inputs", {"radial", "axial"}}}, true);
  put("odd", {{"inputs", {"one", "two", "three"}}}, true);  // the model reads two
  ASSERT_TRUE(live_.refresh());
  const LiveModels models = live_.models();
  ASSERT_EQ(models.burst.size(), 2U);
  EXPECT_EQ(models.burst[0]->label().inputs, (std::vector<std::string>{"x_axis", "y_axis"}));
  EXPECT_EQ(models.burst[1]->label().inputs, (std::vector<std::string>{"radial", "axial"}));
}

TEST_F(RegistryLiveModelsTest, ATrainedGearModelJudgesSimulatedBursts) {
  put("gear", nlohmann::json::object(), true);
  ASSERT_TRUE(live_.refresh());
  const auto model = live_.models().burst.at(0);
  int right = 0;
  for (const auto condition : signal::kGearConditions) {
    signal::GearVibrationParams params;
    params.condition = condition;
    params.load_nm = 80;
    params.seed = 4'242;  // a specimen that training has not seen
    auto gear = signal::GearVibration::create(params);
    ASSERT_TRUE(gear);
    const signal::GearBurst burst = gear->generate(1'024);
    const std::vector<std::vector<double>> axes{burst.x_axis, burst.y_axis};
    const auto verdict = model->judge(axes, params.sample_rate_hz);
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_GT(verdict->probability, 0);
    EXPECT_LE(verdict->probability, 1);
    EXPECT_FALSE(verdict->reason.empty());
    right += verdict->predicted == signal::to_string(condition) ? 1 : 0;
  }
  EXPECT_GE(right, 4) << "of six conditions, by a model of 108 short runs";
}

}  // namespace
}  // namespace millwright
