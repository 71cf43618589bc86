#include "ml/rul/health_indicators.h"

#include <gtest/gtest.h>

#include <cmath>

#include "signal/random.h"

namespace millwright::ml {
namespace {

/// Three sensors: wear with little noise, wear with much noise, no wear at all.
HealthIndicators fitted(std::vector<double>& smoothed) {
  signal::RandomSource random(1);
  std::vector<double> raw;
  std::vector<float> labels;
  for (int i = 0; i < 2'000; ++i) {
    const double wear = random.uniform(-1.0, 1.0);
    for (const auto& [gain, noise] :
         {std::pair(1.0, 0.2), std::pair(-1.0, 2.0), std::pair(0.0, 0.05)}) {
      raw.push_back(gain * wear + noise * random.normal());
      smoothed.push_back(gain * wear + 0.1 * noise * random.normal());
    }
    labels.push_back(static_cast<float>(60.0 - 50.0 * wear));
  }
  return HealthIndicators::fit(raw, smoothed, labels, 3);
}

TEST(HealthIndicators, ANoisySensorWeighsLittle) {
  std::vector<double> smoothed;
  const HealthIndicators indicators = fitted(smoothed);
  ASSERT_EQ(indicators.count(), 4u);        // one by regression, three components of three sensors
  EXPECT_LT(indicators.weight(0, 0), 0.0);  // falls with wear, as the remaining life does
  EXPECT_GT(indicators.weight(0, 1), 0.0);
  EXPECT_LT(std::abs(indicators.weight(0, 1)), 0.1 * std::abs(indicators.weight(0, 0)));
}

TEST(HealthIndicators, HaveUnitDeviation) {
  std::vector<double> smoothed;
  const HealthIndicators indicators = fitted(smoothed);
  for (std::size_t k = 0; k < indicators.count(); ++k) {
    double square = 0.0;
    for (std::size_t i = 0; i < smoothed.size(); i += 3) {
      square += std::pow(indicators.value(k, std::span(smoothed).subspan(i, 3)), 2);
    }
    EXPECT_NEAR(square / (static_cast<double>(smoothed.size()) / 3.0), 1.0, 0.05) << k;
  }
}

TEST(HealthIndicators, ASensorThatNeverMovesIsHarmless) {
  const std::vector<double> still(20, 0.0);
  const std::vector<float> labels(10, 5.0F);
  const HealthIndicators indicators = HealthIndicators::fit(still, still, labels, 2);
  EXPECT_EQ(indicators.value(0, std::vector<double>{0.0, 0.0}), 0.0);
}

TEST(HealthIndicators, AreReadBackOrRefused) {
  std::vector<double> smoothed;
  const HealthIndicators indicators = fitted(smoothed);
  const auto read = HealthIndicators::from_json(indicators.to_json(), 3);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->weight(1, 2), indicators.weight(1, 2));
  EXPECT_FALSE(HealthIndicators::from_json(indicators.to_json(), 2));
  EXPECT_FALSE(HealthIndicators::from_json(nlohmann::json::array(), 3));
  EXPECT_FALSE(HealthIndicators::from_json("none", 3));
}

}  // namespace
}  // namespace millwright::ml
