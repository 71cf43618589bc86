#include "registry/mlflow/mlflow_model_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/tabular/tabular_model.h"
#include "registry/memory/memory_model_registry.h"
#include "registry/mlflow/fake_mlflow.h"

namespace millwright {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A model "pump" of versions 1 and 2, of which 2 is live, and "pickled" of one version.
class MlflowModelRegistryTest : public testing::Test {
 protected:
  MlflowModelRegistryTest() {
    server_.answer_json(
        "registered-models/search?max_results=100",
        {{"registered_models", {{{"name", "pump"}}, {{"name", "pickled"}}, {{"name", "A Fan"}}}}});
    put_version("pump", 1, "xgboost: {data: model.json}");
    put_version("pump", 2, "xgboost: {data: model.json}");
    put_version("pickled", 1, "sklearn: {pickled_model: model.pkl}, python_function: {}");
    set_live("pump", 2);
    set_live("pickled", 1);
  }

  void put_version(const std::string& name, int number, const std::string& flavours,
                   const std::string& source = "models:/m-1") {
    const std::string text = std::to_string(number);
    const json version = {{"version", text}, {"source", source}, {"status", "READY"}};
    server_.answer_json("model-versions/get?name=" + name + "&version=" + text,
                        {{"model_version", version}});
    server_.answer_json("model-versions/get-download-uri?name=" + name + "&version=" + text,
                        {{"artifact_uri", "mlflow-artifacts:/0/" + name + text}});
    const std::string folder = "/api/2.0/mlflow-artifacts/artifacts/0/" + name + text;
    server_.answer(folder + "/MLmodel", {200,
                                         "flavors: {" + flavours +
                                             "}\nsignature:\n  inputs: '[{\"type\": \"double\", "
                                             "\"name\": \"flow\"}]'\n",
                                         ""});
    server_.answer(folder + "/model.json", {200, booster(number), ""});
  }
  void set_live(const std::string& name, int number) {
    server_.answer_json(
        "registered-models/get?name=" + name,
        {{"registered_model",
          {{"aliases", {{{"alias", "live"}, {"version", std::to_string(number)}}}}}}});
  }
  /// One tree: below 10 it answers the number, above ten times the number.
  static std::string booster(int number) {
    json model = json::parse(R"({"version": [1, 7, 4], "learner": {
        "gradient_booster": {"name": "gbtree", "model": {
          "gbtree_model_param": {"num_parallel_tree": "1"}, "tree_info": [0],
          "trees": [{"left_children": [1, -1, -1], "right_children": [2, -1, -1],
            "split_indices": [0, 0, 0], "default_left": [0, 0, 0],
            "split_conditions": [10.0, 0.0, 0.0]}]}},
        "learner_model_param": {"base_score": "0", "num_class": "0", "num_feature": "1"},
        "objective": {"name": "reg:squarederror"}}})");
    auto& conditions =
        model["learner"]["gradient_booster"]["model"]["trees"][0]["split_conditions"];
    conditions[1] = 1.0 * number;
    conditions[2] = 10.0 * number;
    return model.dump();
  }
  static std::string answer_of(const Result<FetchedModel>& fetched, double flow) {
    if (!fetched) return fetched.error().message;
    const auto model = ml::TabularModel::load(fetched->bytes);
    if (!model) return model.error().message;
    return model->judge(std::vector<std::vector<double>>{{flow}})->predicted;
  }
  std::size_t downloads() {
    std::size_t count = 0;
    for (const auto& request : server_.requests()) {
      count += request.target.find("/model.json") != std::string::npos ? 1 : 0;
    }
    return count;
  }
  void wait(std::chrono::seconds time) { clock_.advance(time); }

  ManualClock clock_{from_us(1'700'000'000'000'000)};
  FakeMlflow server_;
  MemoryModelRegistry cache_{clock_};
  MlflowModelRegistry registry_{MlflowClient::create({.url = server_.url()}).value(), cache_,
                                clock_};
};

TEST_F(MlflowModelRegistryTest, FetchesOnceAndKnowsWhatIsLive) {
  EXPECT_EQ(registry_.names().value(), (std::vector<std::string>{"pickled", "pump"}));
  EXPECT_EQ(registry_.live("pump").value()->version, 2);
  EXPECT_EQ(answer_of(registry_.fetch("pump", std::nullopt), 12), "20");
  EXPECT_EQ(answer_of(registry_.fetch("pump", 1), 3), "1");
  EXPECT_EQ(downloads(), 2u);
  const auto again = registry_.fetch("pump", 2);
  EXPECT_EQ(answer_of(again, 12), "20");
  EXPECT_EQ(again->version.stage, ModelStage::kLive);
  EXPECT_EQ(again->version.hash, model_hash(again->bytes));
  EXPECT_EQ(downloads(), 2u);
  EXPECT_EQ(registry_.fetch("pump", 7).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_.fetch("fan", 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_.fetch("../pump", 1).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(MlflowModelRegistryTest, AMovedAliasIsSeenWithinSeconds) {
  EXPECT_EQ(registry_.live("pump").value()->version, 2);
  set_live("pump", 1);
  EXPECT_EQ(registry_.live("pump").value()->version, 2) << "asked a moment ago";
  wait(std::chrono::seconds(11));
  EXPECT_EQ(registry_.live("pump").value()->version, 1);
}

TEST_F(MlflowModelRegistryTest, AMovedAliasIsRememberedForTheDayWithoutTheServer) {
  ASSERT_TRUE(registry_.fetch("pump", 1));
  ASSERT_TRUE(registry_.fetch("pump", 2));
  set_live("pump", 1);
  wait(std::chrono::seconds(11));
  EXPECT_EQ(registry_.live("pump").value()->version, 1);  // nobody fetches it again
  server_.break_down(503);
  wait(std::chrono::seconds(11));
  EXPECT_EQ(registry_.live("pump").value()->version, 1);
}

TEST_F(MlflowModelRegistryTest, WhatWasFetchedGoesOnWithoutTheServer) {
  EXPECT_EQ(answer_of(registry_.fetch("pump", std::nullopt), 12), "20");
  for (const unsigned status : {500u, 401u, 302u, 200u}) {
    server_.break_down(status);
    wait(std::chrono::seconds(31));
    EXPECT_EQ(registry_.live("pump").value()->version, 2) << status;
    EXPECT_EQ(answer_of(registry_.fetch("pump", std::nullopt), 12), "20") << status;
    const auto other = registry_.fetch("pump", 1);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(other.error().message, HasSubstr("version 1 of model 'pump' was never downloaded"));
    EXPECT_EQ(registry_.names().value(), std::vector<std::string>{"pump"});
    EXPECT_EQ(registry_.versions("pump")->size(), 1u);
  }
  // It is left alone for a while, then asked again.
  const std::size_t asked = server_.requests().size();
  EXPECT_FALSE(registry_.fetch("pump", 1));
  EXPECT_EQ(server_.requests().size(), asked);
  server_.break_down(0);
  wait(std::chrono::seconds(31));
  EXPECT_EQ(answer_of(registry_.fetch("pump", 1), 12), "10");
}

TEST_F(MlflowModelRegistryTest, AnotherModelUnderTheSameNumberIsNotConfused) {
  ASSERT_TRUE(registry_.fetch("pump", 1));
  put_version("pump", 1, "xgboost: {data: model.json}", "models:/m-99");
  const auto fetched = registry_.fetch("pump", 1);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(fetched.error().message, HasSubstr("register it as a new version"));
}

TEST_F(MlflowModelRegistryTest, WhatCannotBeRunIsNamedAndNotKept) {
  const auto pickled = registry_.fetch("pickled", 1);
  ASSERT_FALSE(pickled);
  EXPECT_EQ(pickled.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(pickled.error().message, HasSubstr("version 1 of model 'pickled'"));
  EXPECT_THAT(pickled.error().message, HasSubstr("a pickle, that is code"));
  for (const auto& request : server_.requests()) {
    EXPECT_EQ(request.target.find(".pkl"), std::string::npos) << "never even downloaded";
  }
  server_.answer("/api/2.0/mlflow-artifacts/artifacts/0/pump1/model.json", {200, "{}", ""});
  EXPECT_EQ(registry_.fetch("pump", 1).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(cache_.names().value().empty());
  put_version("pump", 1, "xgboost: {data: model.json}");
  EXPECT_TRUE(registry_.fetch("pump", 1)) << "a mended model is taken";
}

TEST_F(MlflowModelRegistryTest, WritingIsDoneInMlflow) {
  for (const auto& error :
       {registry_.put("pump", std::nullopt, std::vector<std::byte>(3), json::object()).error(),
        registry_.promote("pump", 1).error(), registry_.rollback("pump").error()}) {
    EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(error.message, HasSubstr("kept by the MLflow server"));
  }
}

}  // namespace
}  // namespace millwright
