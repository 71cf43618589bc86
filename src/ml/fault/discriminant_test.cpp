#include "ml/fault/discriminant.h"

#include <gtest/gtest.h>

#include <random>

namespace millwright::ml {
namespace {

LabelledRows clusters(std::uint32_t seed, double distance) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise;
  LabelledRows rows;
  for (int i = 0; i < 200; ++i) {
    for (std::size_t label = 0; label < 3; ++label) {
      const float shared = noise(random);
      const std::vector<float> row{
          static_cast<float>(distance * static_cast<double>(label)) + shared, shared, 7.0F};
      rows.add(row, label);
    }
  }
  return rows;
}

// The classes overlap in the first feature; together with the second, which moves it, they do not.
TEST(Discriminant, UsesWhatFeaturesShareAndToleratesAConstantOne) {
  const auto trained = Discriminant::train(clusters(1, 1.0), 3);
  ASSERT_TRUE(trained) << trained.error().message;
  const LabelledRows test = clusters(2, 1.0);
  const auto predicted = arg_max(trained->scores(test), 3);
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    ASSERT_EQ(predicted[i], static_cast<std::size_t>(test.labels[i])) << i;
  }
}

TEST(Discriminant, RefusesAClassWithoutRows) {
  const auto refused = Discriminant::train(clusters(1, 1.0), 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("class 3"), std::string::npos);
  EXPECT_FALSE(Discriminant::train({}, 2));
}

}  // namespace
}  // namespace millwright::ml
