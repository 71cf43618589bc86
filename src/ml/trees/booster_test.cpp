#include "ml/trees/booster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace millwright::ml {
namespace {

/// Two features, three classes by the sector of the plane.
struct Data {
  std::vector<float> rows;
  std::vector<float> labels;
};
Data sectors() {
  Data data;
  for (int i = 0; i < 600; ++i) {
    const double angle = 0.0104 * i;
    data.rows.push_back(static_cast<float>(std::cos(angle)));
    data.rows.push_back(static_cast<float>(std::sin(angle)));
    data.labels.push_back(static_cast<float>(std::min(2, i / 200)));
  }
  return data;
}

TEST(Booster, LearnsSectorsAndExplainsItself) {
  const Data data = sectors();
  const auto booster = Booster::train(data.rows, 2, data.labels, {.classes = 3, .rounds = 30});
  ASSERT_TRUE(booster);
  const auto scores = booster->scores(data.rows);
  ASSERT_TRUE(scores);
  int right = 0;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto row = scores->begin() + static_cast<std::ptrdiff_t>(3 * i);
    right += std::max_element(row, row + 3) - row == static_cast<int>(data.labels[i]) ? 1 : 0;
  }
  EXPECT_GT(right, 590);
  const auto parts = booster->contributions(std::span(data.rows).first(2));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 9u);
  EXPECT_NEAR((*parts)[0] + (*parts)[1] + (*parts)[2], (*scores)[0], 1e-4);
}

TEST(Booster, SameSeedSameBytesAndReloadIsExact) {
  const Data data = sectors();
  const auto one = Booster::train(data.rows, 2, data.labels, {.classes = 3, .rounds = 10});
  const auto two = Booster::train(data.rows, 2, data.labels, {.classes = 3, .rounds = 10});
  ASSERT_TRUE(one && two);
  const auto bytes = one->save();
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, *two->save());
  const auto loaded = Booster::load(*bytes, 2, 3);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded->scores(data.rows), *one->scores(data.rows));
}

TEST(Booster, RefusesWrongShapesAndNewerLibraries) {
  const Data data = sectors();
  const auto booster = Booster::train(data.rows, 2, data.labels, {.classes = 3, .rounds = 3});
  ASSERT_TRUE(booster);
  auto bytes = booster->save().value();
  EXPECT_FALSE(Booster::load(bytes, 3, 3));
  EXPECT_FALSE(Booster::load(bytes, 2, 4));
  EXPECT_FALSE(Booster::load(std::span(bytes).first(4), 2, 3));
  for (std::size_t n = 1; n < bytes.size(); n += 1 + bytes.size() / 200) {
    EXPECT_FALSE(Booster::load(std::span(bytes).first(n), 2, 3)) << "cut at " << n;
  }
  bytes[0] = std::byte{3};
  const auto newer = Booster::load(bytes, 2, 3);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("newer tree library"), std::string::npos);
  EXPECT_FALSE(booster->scores(std::span(data.rows).first(3)));
  EXPECT_FALSE(Booster::train(data.rows, 3, data.labels, {}));
}

TEST(Booster, RowsWithoutWeightTeachNothing) {
  std::vector<float> rows, labels, weights;
  for (int i = 0; i < 200; ++i) {
    rows.push_back(static_cast<float>(i % 10));
    labels.push_back(i < 100 ? 5.0F : 500.0F);
    weights.push_back(i < 100 ? 1.0F : 0.0F);
  }
  const auto booster = Booster::train(rows, 1, labels, {.eta = 0.3, .subsample = 1.0}, weights);
  ASSERT_TRUE(booster);
  EXPECT_NEAR(booster->scores(std::vector<float>{3.0F})->at(0), 5.0F, 0.5F);
  EXPECT_FALSE(Booster::train(rows, 1, labels, {}, std::span(weights).first(3)));
}

}  // namespace
}  // namespace millwright::ml
