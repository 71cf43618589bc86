#include "ml/tabular/tabular_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace millwright::ml {
namespace {

/// Rows (load, speed); what is learnt: load above 5.
struct Trained {
  std::vector<std::byte> file;
  std::vector<float> rows;
};

Trained train(const TreeParameters& parameters, float low, float high) {
  Trained out;
  std::vector<float> labels;
  for (int i = 0; i < 200; ++i) {
    const float load = static_cast<float>(i % 11);
    out.rows.insert(out.rows.end(), {load, static_cast<float>(i % 7)});
    labels.push_back(load > 5 ? high : low);
  }
  const auto booster = Booster::train(out.rows, 2, labels, parameters);
  MW_CHECK(booster.has_value());
  const auto saved = booster->save();
  out.file.assign(saved->begin() + 4, saved->end());  // behind the version: the library's JSON
  return out;
}

Trained two_classes() { return train({.classes = 2, .rounds = 20}, 0, 1); }

TEST(TabularModel, AClassifierAnswersAClassAndItsProbability) {
  const Trained trained = two_classes();
  const auto bytes = make_tabular_model(
      {.xgboost = trained.file, .columns = {"load", "speed"}, .classes = {"fine", "heavy"}});
  ASSERT_TRUE(bytes) << bytes.error().message;
  const auto model = TabularModel::load(*bytes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->inputs(), (std::vector<std::string>{"load", "speed"}));
  EXPECT_EQ(model->window_size(), 1u);
  const auto heavy = model->judge(std::vector<std::vector<double>>{{9}, {3}});
  ASSERT_TRUE(heavy);
  EXPECT_EQ(heavy->predicted, "heavy");
  EXPECT_GT(heavy->probability.value(), 0.7);
  EXPECT_EQ(model->judge(std::vector<std::vector<double>>{{1}, {3}})->predicted, "fine");
}

TEST(TabularModel, ARegressionAnswersANumber) {
  const Trained trained = train({.rounds = 60, .eta = 0.3, .column_share = 1.0}, 10, 20);
  const auto bytes = make_tabular_model({.xgboost = trained.file, .columns = {"load", "speed"}});
  ASSERT_TRUE(bytes);
  const auto model = TabularModel::load(*bytes);
  const auto verdict = model->judge(std::vector<std::vector<double>>{{9}, {3}});
  ASSERT_TRUE(verdict);
  EXPECT_NEAR(std::stod(verdict->predicted), 20, 0.1);
  EXPECT_FALSE(verdict->probability);
}

TEST(TabularModel, ColumnsAreFiguresOfAWindow) {
  const std::vector<std::string> names = {"b:mean", "a",     "a:0",   "a:std",
                                          "b:max",  "b:min", "b:rms", "b:2"};
  const auto columns = WindowColumns::parse(names, 3);
  ASSERT_TRUE(columns) << columns.error().message;
  EXPECT_EQ(columns->inputs(), (std::vector<std::string>{"b", "a"}));
  const auto row = columns->row(std::vector<std::vector<double>>{{3, -4, 7}, {1, 2, 6}});
  ASSERT_TRUE(row);
  const std::vector<float> expected = {2.0F,
                                       6.0F,
                                       1.0F,
                                       static_cast<float>(std::sqrt(14.0 / 3)),
                                       7.0F,
                                       -4.0F,
                                       static_cast<float>(std::sqrt(74.0 / 3)),
                                       7.0F};
  EXPECT_EQ(*row, expected);
  EXPECT_FALSE(columns->row(std::vector<std::vector<double>>{{3, 4, 7}}));
  EXPECT_FALSE(columns->row(std::vector<std::vector<double>>{{3, 4, 7}, {1, 2}}));
}

TEST(TabularModel, WrongColumnsAreRefusedByName) {
  const auto refusal = [](std::vector<std::string> names, std::size_t window) {
    const auto columns = WindowColumns::parse(names, window);
    return columns ? std::string() : columns.error().message;
  };
  EXPECT_NE(refusal({"a:median"}, 3).find("mean, std"), std::string::npos);
  EXPECT_NE(refusal({"a:3"}, 3).find("window of 3"), std::string::npos);
  EXPECT_NE(refusal({"a:"}, 3), "");
  EXPECT_NE(refusal({"a:-1"}, 3), "");
  EXPECT_NE(refusal({"a", "a"}, 1).find("two columns"), std::string::npos);
  EXPECT_NE(refusal({"motor current"}, 1).find("names no metric"), std::string::npos);
  EXPECT_NE(refusal({":mean"}, 1).find("names no metric"), std::string::npos);
  EXPECT_NE(refusal({}, 1), "");
  EXPECT_NE(refusal({"a"}, 0), "");
  EXPECT_NE(refusal({"a"}, 65'537), "");
}

TEST(TabularModel, WhatDoesNotFitTheBoosterIsRefused) {
  const Trained trained = two_classes();
  const auto refusal = [&](TabularSource source) {
    source.xgboost = trained.file;
    const auto made = make_tabular_model(source);
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(refusal({.columns = {"load", "speed"}}), "") << "classes are numbered";
  EXPECT_NE(refusal({}).find("signature"), std::string::npos);
  EXPECT_NE(refusal({.columns = {"load"}}).find("1 inputs, the model 2"), std::string::npos);
  EXPECT_NE(refusal({.columns = {"load", "speed"}, .classes = {"one"}}).find("2 classes"),
            std::string::npos);
  EXPECT_NE(refusal({.columns = {"load", "speed"}, .classes = {"one", "one"}}), "");
  EXPECT_FALSE(TabularModel::load(trained.file)) << "a bare XGBoost file is no model file";
}

}  // namespace
}  // namespace millwright::ml
