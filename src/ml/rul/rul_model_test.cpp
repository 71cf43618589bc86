#include "ml/rul/rul_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/rul/rul_training.h"
#include "signal/random.h"

namespace millwright::ml {
namespace {

const std::vector<std::string> kInputs = {"s2", "s11"};

/// Units that wear exponentially towards their end; the second sensor falls.
std::vector<TurbofanUnit> units(std::uint64_t seed, int n) {
  signal::RandomSource random(seed);
  std::vector<TurbofanUnit> out;
  for (int u = 1; u <= n; ++u) {
    TurbofanUnit unit;
    unit.unit = u;
    const double life = std::floor(random.uniform(130.0, 300.0));
    for (double cycle = 1; cycle <= life; ++cycle) {
      const double wear = std::exp((cycle - life) / 40.0);
      unit.cycle.push_back(cycle);
      unit.sensors.push_back(640.0 + 3.0 * wear + 0.3 * random.normal());
      unit.sensors.push_back(47.0 - 2.0 * wear + 0.2 * random.normal());
    }
    out.push_back(std::move(unit));
  }
  return out;
}

const RulModel& model() {
  // Never destroyed: the tree library's own state would be gone by then.
  static const RulModel* const loaded =
      new RulModel(RulModel::load(train_rul(units(1, 40), kInputs, 1, {}).value().file).value());
  return *loaded;
}

TEST(RulModel, BeatsTheConstantAndCoversTheTruth) {
  auto tested = units(2, 60);
  std::vector<double> truth;
  signal::RandomSource random(3);
  for (TurbofanUnit& unit : tested) {
    const std::size_t keep = 30 + random.below(unit.cycle.size() - 30);
    truth.push_back(static_cast<double>(unit.cycle.size() - keep));
    unit.cycle.resize(keep);
    unit.sensors.resize(2 * keep);
  }
  const auto score = score_rul(model(), tested, truth);
  ASSERT_TRUE(score);
  std::cout << "seeds 1-3: RMSE capped " << score->rmse_capped << " (constant "
            << score->baseline_rmse_capped << "), coverage " << score->coverage << ", width "
            << score->width << '\n';
  EXPECT_LT(score->rmse_capped, 0.6 * score->baseline_rmse_capped);
  EXPECT_GE(score->coverage, 0.78);
}

TEST(RulTracker, LifeShrinksTowardsTheEndAndTheReasonNamesASensor) {
  const TurbofanUnit unit = units(9, 1)[0];
  RulTracker tracker(model());
  RulEstimate early;
  RulEstimate late;
  for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
    const auto estimate = tracker.observe(unit.cycle[i], std::span(unit.sensors).subspan(2 * i, 2));
    ASSERT_TRUE(estimate);
    EXPECT_LE(estimate->lower, estimate->value);
    EXPECT_GE(estimate->upper, estimate->value);
    if (i == 20) early = *estimate;
    late = *estimate;
  }
  EXPECT_GT(early.value, 80.0);
  EXPECT_LT(late.value, 25.0);
  EXPECT_NE(late.reason.find("s"), std::string::npos);
  EXPECT_NE(late.reason.find("cycles left ("), std::string::npos) << late.reason;
  std::cout << early.reason << '\n' << late.reason << '\n';
}

TEST(RulTracker, AnotherUnitStartsWhenTheCycleFallsBack) {
  const TurbofanUnit unit = units(9, 1)[0];
  RulTracker used(model());
  for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
    ASSERT_TRUE(used.follow(unit.cycle[i], std::span(unit.sensors).subspan(2 * i, 2)));
  }
  RulTracker fresh(model());
  const auto row = std::span(unit.sensors).first(2);
  EXPECT_EQ(used.observe(1.0, row)->value, fresh.observe(1.0, row)->value);
}

TEST(RulTracker, RefusesWrongShapesAndValues) {
  RulTracker tracker(model());
  EXPECT_FALSE(tracker.observe(1.0, std::vector<double>{1.0}));
  EXPECT_FALSE(tracker.observe(1.0, std::vector<double>{1.0, std::nan("")}));
  EXPECT_FALSE(tracker.observe(1.0, std::vector<double>{1.0, 2.0}, std::vector<double>{1.0}));
}

TEST(RulTraining, NeedsUnitsAndIsDeterministic) {
  EXPECT_FALSE(train_rul(units(1, 9), kInputs, 1, {}));
  auto bent = units(1, 12);
  bent[3].sensors.pop_back();
  EXPECT_FALSE(train_rul(bent, kInputs, 1, {}));
  const auto some = units(1, 12);
  EXPECT_EQ(train_rul(some, kInputs, 1, {}).value().file,
            train_rul(some, kInputs, 1, {}).value().file);
}

TEST(RulModel, RefusesAGearModelsBytes) {
  ModelFile file;
  file.info.kind = "gear_fault";
  const auto refused = RulModel::load(write_model_file(file));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("gear_fault"), std::string::npos);
}

}  // namespace
}  // namespace millwright::ml
