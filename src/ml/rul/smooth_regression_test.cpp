#include "ml/rul/smooth_regression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "signal/random.h"

namespace millwright::ml {
namespace {

struct Data {
  std::vector<float> rows, labels, weights;
};

/// Two features; the second one is noise, the label bends with the first.
Data bent(std::uint64_t seed, std::size_t n, double shift = 0.0) {
  signal::RandomSource random(seed);
  Data data;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = random.uniform(-2.0, 2.0);
    data.rows.push_back(static_cast<float>(x));
    data.rows.push_back(static_cast<float>(random.normal()));
    data.labels.push_back(static_cast<float>(shift + 10.0 * x * x + random.normal()));
    data.weights.push_back(1.0F);
  }
  return data;
}

SmoothRegression train(const Data& data, std::uint32_t seed = 1) {
  return SmoothRegression::train(data.rows, 2, data.labels, data.weights, seed);
}

TEST(SmoothRegression, FollowsACurve) {
  const SmoothRegression fitted = train(bent(1, 2'000));
  for (const float x : {-1.5F, -0.5F, 0.0F, 1.0F, 1.8F}) {
    EXPECT_NEAR(fitted.predict(std::vector<float>{x, 0.3F}), 10.0F * x * x, 1.0) << x;
  }
}

TEST(SmoothRegression, RowsWithoutWeightTeachNothing) {
  Data data = bent(1, 1'000);
  const Data other = bent(2, 1'000, 500.0);
  data.rows.insert(data.rows.end(), other.rows.begin(), other.rows.end());
  data.labels.insert(data.labels.end(), other.labels.begin(), other.labels.end());
  data.weights.resize(data.labels.size(), 0.0F);
  EXPECT_NEAR(train(data).predict(std::vector<float>{1.0F, 0.0F}), 10.0, 1.0);
}

TEST(SmoothRegression, IsTheSameAfterSavingAndForTheSameSeed) {
  const Data data = bent(1, 500);
  const SmoothRegression fitted = train(data, 7);
  const auto read = SmoothRegression::from_json(fitted.to_json(), 2);
  ASSERT_TRUE(read);
  const std::vector<float> row = {0.7F, -0.2F};
  EXPECT_EQ(read->predict(row), fitted.predict(row));
  EXPECT_EQ(train(data, 7).predict(row), fitted.predict(row));
}

TEST(SmoothRegression, AConstantFeatureAndOneRowAreHarmless) {
  const std::vector<float> row = {3.0F, 3.0F};
  const std::vector<float> one = {1.0F};
  EXPECT_TRUE(std::isfinite(SmoothRegression::train(row, 2, one, one, 1).predict(row)));
}

TEST(SmoothRegression, RefusesWrongShapesAndValues) {
  const auto json = train(bent(1, 100)).to_json();
  EXPECT_FALSE(SmoothRegression::from_json(json, 3));
  EXPECT_FALSE(SmoothRegression::from_json(nlohmann::json::object(), 2));
  auto flat = json;
  flat["deviation"] = {1.0, 0.0};
  EXPECT_FALSE(SmoothRegression::from_json(flat, 2));
  auto broken = json;
  broken["mean"] = {"a", "b"};
  EXPECT_FALSE(SmoothRegression::from_json(broken, 2));
}

}  // namespace
}  // namespace millwright::ml
