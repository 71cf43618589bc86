#include "analytics/model_runner.h"

#include <gtest/gtest.h>

#include "ml/fault/gear_classifier.h"
#include "ml/fault/gear_training.h"
#include "ml/tabular/tabular_model.h"
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
  EXPECT_GT(before->probability.value(), 0);
  ASSERT_TRUE(runner_.find("gear", "2"));
  ASSERT_TRUE(runner_.find("gear", "3"));  // version 1 is not loaded any more
  const auto after = runner_.judge(*first, window(), 5'000);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->predicted, before->predicted);
  EXPECT_EQ(after->probability, before->probability);
}

TEST_F(RegistryModelRunnerTest, RunsATabularModelOnItsOwnInputs) {
  // One tree: flow:mean below 10 answers 1.5, else 20.
  const std::string xgboost = R"({"version": [1, 7, 4], "learner": {
      "gradient_booster": {"name": "gbtree", "model": {
        "gbtree_model_param": {"num_parallel_tree": "1"}, "tree_info": [0],
        "trees": [{"left_children": [1, -1, -1], "right_children": [2, -1, -1],
          "split_indices": [1, 0, 0], "default_left": [0, 0, 0],
          "split_conditions": [10.0, 1.5, 20.0]}]}},
      "learner_model_param": {"base_score": "0", "num_class": "0", "num_feature": "2"},
      "objective": {"name": "reg:squarederror"}}})";
  const auto bytes = ml::make_tabular_model({.xgboost = std::as_bytes(std::span(xgboost)),
                                             .columns = {"pressure", "flow:mean"},
                                             .window_size = 2});
  ASSERT_TRUE(bytes) << bytes.error().message;
  ASSERT_TRUE(registry_.put("pump", std::nullopt, *bytes, nlohmann::json::object()));
  const auto model = runner_.find("pump", "1");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->type, "XGBOOST");
  EXPECT_EQ(model->window_size, 2u);
  EXPECT_EQ(model->inputs, (std::vector<std::string>{"pressure", "flow"}));
  const auto low = runner_.judge(*model, std::vector<std::vector<double>>{{1, 1}, {5, 14}}, 0);
  const auto high = runner_.judge(*model, std::vector<std::vector<double>>{{1, 1}, {5, 15}}, 0);
  ASSERT_TRUE(low && high);
  EXPECT_EQ(low->predicted, "1.5");
  EXPECT_EQ(high->predicted, "20");
  EXPECT_FALSE(high->probability);
}

TEST_F(RegistryModelRunnerTest, ManyThreadsGetTheSameVerdict) {
  const auto model = runner_.find("gear", "1");
  ASSERT_TRUE(model);
  const auto expected = runner_.judge(*model, window(), 5'000);
  ASSERT_TRUE(expected);
  std::vector<std::thread> threads;
  std::atomic<int> same{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k) {
        const auto other = runner_.find("gear", std::to_string(1 + (i + k) % 3));
        const auto verdict = runner_.judge(*model, window(), 5'000);
        same += other && verdict && verdict->probability == expected->probability ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(same, 20);
}

}  // namespace
}  // namespace millwright
