#include "ml/trees/xgboost_document.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

namespace millwright::ml {
namespace {

using nlohmann::json;

std::string file(const std::string& name) {
  std::ifstream in(MILLWRIGHT_SOURCE_DIR "/src/ml/trees/testdata/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  MW_CHECK(!text.empty());
  return text;
}

Result<ImportedBooster> import_text(const std::string& text, bool best_rounds_only = false) {
  return import_xgboost(std::as_bytes(std::span(text)), best_rounds_only);
}

/// One tree on one of two features, as XGBoost 1.7 writes it.
json small_model() {
  const json tree = {{"categories", json::array()},
                     {"default_left", {1, 0, 0}},
                     {"id", 0},
                     {"left_children", {1, -1, -1}},
                     {"right_children", {2, -1, -1}},
                     {"split_conditions", {10.0, -1.5, 2.5}},
                     {"split_indices", {1, 0, 0}}};
  json model = {{"gbtree_model_param", {{"num_parallel_tree", "1"}, {"num_trees", "1"}}},
                {"tree_info", {0}},
                {"trees", json::array({tree})}};
  return {
      {"version", {1, 7, 4}},
      {"learner",
       {{"attributes", json::object()},
        {"feature_names", {"load", "speed"}},
        {"feature_types", {"float", "int"}},
        {"gradient_booster", {{"name", "gbtree"}, {"model", std::move(model)}}},
        {"learner_model_param", {{"base_score", "5E-1"}, {"num_class", "0"}, {"num_feature", "2"}}},
        {"objective", {{"name", "reg:squarederror"}}}}}};
}

/// What XGBoost's `predict` answers for one row of scores.
std::vector<double> predicted(const ImportedBooster& model, std::span<const float> scores) {
  const double first = scores[0];
  switch (model.link) {
    case ScoreLink::kIdentity:
      return {first};
    case ScoreLink::kExponential:
      return {std::exp(first)};
    case ScoreLink::kLogistic:
    case ScoreLink::kClassOfTwo:
      return {1 / (1 + std::exp(-first))};
    case ScoreLink::kClassOfMany:
      break;
  }
  double total = 0;
  for (const float score : scores) total += std::exp(score);
  std::vector<double> out;
  for (const float score : scores) out.push_back(std::exp(score) / total);
  return out;
}

struct Golden {
  const char* file;
  const char* expected;
  const char* target;
  const char* objective;
};

class XgboostGolden : public ::testing::TestWithParam<Golden> {};

TEST_P(XgboostGolden, PredictsWhatPythonPredicts) {
  const auto model = import_text(file(GetParam().file));
  ASSERT_TRUE(model) << model.error().message << " " << model.error().detail;
  EXPECT_EQ(model->objective, GetParam().objective);
  EXPECT_EQ(model->feature_names, (std::vector<std::string>{"temperature", "current", "speed"}));
  const json expected = json::parse(file(GetParam().expected));
  const json& values = expected[GetParam().target];
  ASSERT_EQ(values.size(), 20u);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<float> row;
    for (const json& value : expected["rows"][i]) {
      row.push_back(value.is_null() ? std::numeric_limits<float>::quiet_NaN() : value.get<float>());
    }
    const auto scores = model->booster.scores(row);
    ASSERT_TRUE(scores);
    const std::vector<double> ours = predicted(*model, *scores);
    ASSERT_EQ(ours.size(), values[i].size());
    for (std::size_t k = 0; k < ours.size(); ++k) {
      const double theirs = values[i][k].get<double>();
      EXPECT_NEAR(ours[k], theirs, 1e-6 * std::max(1.0, std::abs(theirs))) << i << " " << k;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, XgboostGolden,
    ::testing::Values(
        Golden{"softprob_3_0.ubj", "expected_3_0.json", "softprob", "multi:softprob"},
        Golden{"squared_3_0.ubj", "expected_3_0.json", "squared", "reg:squarederror"},
        Golden{"logistic_3_0.json", "expected_3_0.json", "logistic", "binary:logistic"},
        Golden{"poisson_3_0.json", "expected_3_0.json", "poisson", "count:poisson"},
        Golden{"logistic_1_7.json", "expected_1_7.json", "logistic", "binary:logistic"}),
    [](const auto& golden) {
      std::string name = golden.param.file;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(XgboostDocument, WalksTheTreeAndLeavesOutWhatTheRootDoesNotReach) {
  json document = small_model();
  json& tree = document["learner"]["gradient_booster"]["model"]["trees"][0];
  tree["left_children"] = {1, -1, 77, -1};  // node 2 was deleted by pruning: nothing leads there
  tree["right_children"] = {3, -1, 88, -1};
  tree["split_conditions"] = {10.0, -1.5, 0.0, 2.5};
  tree["split_indices"] = {1, 0, 99, 0};
  tree["default_left"] = {1, 0, 0, 0};
  const auto model = import_text(document.dump());
  ASSERT_TRUE(model) << model.error().message << " " << model.error().detail;
  EXPECT_FLOAT_EQ(model->booster.scores(std::vector<float>{0, 9}).value()[0], -1.0F);
  EXPECT_FLOAT_EQ(model->booster.scores(std::vector<float>{0, 11}).value()[0], 3.0F);
}

TEST(XgboostDocument, KeepsTheBestRoundsWhereAskedTo) {
  json document = small_model();
  json& model = document["learner"]["gradient_booster"]["model"];
  model["trees"].push_back(model["trees"][0]);
  model["tree_info"].push_back(0);
  document["learner"]["attributes"] = {{"best_iteration", "0"}};
  const auto all = import_text(document.dump());
  const auto best = import_text(document.dump(), true);
  ASSERT_TRUE(all && best);
  EXPECT_FLOAT_EQ(all->booster.scores(std::vector<float>{0, 11}).value()[0], 5.5F);
  EXPECT_FLOAT_EQ(best->booster.scores(std::vector<float>{0, 11}).value()[0], 3.0F);
}

struct Refusal {
  const char* name;
  std::function<void(json& learner, json& document)> change;
  const char* words;
};

class XgboostRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(XgboostRefusal, SaysWhatIsWrong) {
  json document = small_model();
  GetParam().change(document["learner"], document);
  const auto model = import_text(document.dump());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(model.error().message.find(GetParam().words), std::string::npos)
      << model.error().message;
}

json& tree_of(json& learner) { return learner["gradient_booster"]["model"]["trees"][0]; }

INSTANTIATE_TEST_SUITE_P(
    Documents, XgboostRefusal,
    ::testing::Values(
        Refusal{"Newer",
                [](json&, json& d) {
                  d["version"] = {3, 1, 0};
                },
                "xgboost<3.1"},
        Refusal{"NoVersion", [](json&, json& d) { d.erase("version"); }, "save it again"},
        Refusal{"Dart", [](json& l, json&) { l["gradient_booster"]["name"] = "dart"; }, "gbtree"},
        Refusal{"Objective", [](json& l, json&) { l["objective"]["name"] = "rank:ndcg"; },
                "binary:logistic, count:poisson"},
        Refusal{"Categorical",
                [](json& l, json&) {
                  l["feature_types"] = {"c", "float"};
                },
                "one-hot"},
        Refusal{"CategoricalTree", [](json& l, json&) { tree_of(l)["categories"] = {1}; },
                "one-hot"},
        Refusal{"Targets", [](json& l, json&) { l["learner_model_param"]["num_target"] = "2"; },
                "one model"},
        Refusal{"Classes", [](json& l, json&) { l["learner_model_param"]["num_class"] = "3"; },
                "does not fit"},
        Refusal{"Features",
                [](json& l, json&) { l["learner_model_param"]["num_feature"] = "99999"; },
                "more than 4096"},
        Refusal{"NegativeFeatures",
                [](json& l, json&) { l["learner_model_param"]["num_feature"] = "-2"; },
                "is no number"},
        Refusal{"BaseScore",
                [](json& l, json&) { l["learner_model_param"]["base_score"] = "1e999"; },
                "base_score"},
        Refusal{"ChildOutside", [](json& l, json&) { tree_of(l)["left_children"][0] = 3; },
                "outside"},
        Refusal{"ChildNegative", [](json& l, json&) { tree_of(l)["left_children"][0] = -2; },
                "outside"},
        Refusal{"TwoParents", [](json& l, json&) { tree_of(l)["left_children"][0] = 2; },
                "same child"},
        Refusal{"Loop", [](json& l, json&) { tree_of(l)["left_children"][0] = 0; }, "outside"},
        Refusal{"Column", [](json& l, json&) { tree_of(l)["split_indices"][0] = 2; },
                "column 2 of 2"},
        Refusal{"Lengths", [](json& l, json&) { tree_of(l)["split_indices"].push_back(0); },
                "different lengths"},
        Refusal{"NotFinite", [](json& l, json&) { tree_of(l)["split_conditions"][1] = 1e300; },
                "not finite"},
        Refusal{"TreeInfo",
                [](json& l, json&) { l["gradient_booster"]["model"]["tree_info"] = {1}; },
                "class that there is not"},
        Refusal{"NoTrees",
                [](json& l, json&) { l["gradient_booster"]["model"]["trees"] = json::array(); },
                "0 trees"}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(XgboostDocument, RefusesOtherFilesAndDamage) {
  EXPECT_FALSE(import_text(""));
  EXPECT_NE(import_text("binf and more").error().message.find("model_format='ubj'"),
            std::string::npos);
  EXPECT_NE(import_text("\x80\x04pickle").error().message.find("no XGBoost"), std::string::npos);
  EXPECT_FALSE(import_text("{}"));
  const std::string whole = file("softprob_3_0.ubj");
  for (std::size_t n = 0; n < whole.size(); n += 37) EXPECT_FALSE(import_text(whole.substr(0, n)));
}

TEST(XgboostDocument, ChangedBytesEndInAModelOrInAnError) {
  const std::string whole = file("softprob_3_0.ubj");
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 400; ++i) {
    std::string changed = whole;
    for (int k = 0; k < 4; ++k) changed[random() % changed.size()] = static_cast<char>(random());
    const auto model = import_text(changed);
    if (!model) continue;
    const auto scores = model->booster.scores(std::vector<float>(model->booster.columns(), 50.0F));
    ASSERT_TRUE(scores);
    EXPECT_EQ(scores->size(), model->booster.outputs());
  }
}

}  // namespace
}  // namespace millwright::ml
