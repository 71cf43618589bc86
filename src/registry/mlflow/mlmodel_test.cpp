#include "registry/mlflow/mlmodel.h"

#include <gtest/gtest.h>

#include <random>

namespace millwright {
namespace {

/// As MLflow 3.17 writes it.
constexpr const char* kXgboost = R"(artifact_path: mlflow-artifacts:/0/models/m-1/artifacts
flavors:
  python_function:
    data: model.ubj
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.xgboost
    python_version: 3.11.7
  xgboost:
    code: null
    data: model.ubj
    model_class: xgboost.core.Booster
    model_format: ubj
    xgb_version: 3.0.5
metadata:
  classes:
  - ok
  - warm
  - 2
  window_size: 16
mlflow_version: 3.17.2
prompts: null
signature:
  inputs: '[{"type": "double", "name": "temperature", "required": true}, {"type":
    "long", "name": "current:mean", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1,
    3]}}]'
  params: null
utc_time_created: '2026-11-30 22:20:59.776877'
)";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kXgboost;
  const auto at = text.find(from);
  MW_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto read = read_mlmodel(text);
  return read ? std::string() : read.error().message;
}

TEST(Mlmodel, ReadsFileColumnsClassesAndWindow) {
  const auto model = read_mlmodel(kXgboost);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->file, "model.ubj");
  EXPECT_FALSE(model->is_sklearn_interface);
  EXPECT_EQ(model->columns, (std::vector<std::string>{"temperature", "current:mean"}));
  EXPECT_EQ(model->classes, (std::vector<std::string>{"ok", "warm", "2"}));
  EXPECT_EQ(model->window_size, 16u);
  EXPECT_TRUE(read_mlmodel(changed("xgboost.core.Booster", "xgboost.sklearn.XGBClassifier"))
                  ->is_sklearn_interface);
}

TEST(Mlmodel, WithoutASignatureOrMetadataTheBoosterMustSpeakForItself) {
  const auto model = read_mlmodel("flavors: {xgboost: {data: model.json}}");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_TRUE(model->columns.empty());
  EXPECT_EQ(model->window_size, 1u);
}

TEST(Mlmodel, CodeIsRefusedWithTheWayOut) {
  const std::string sklearn = refusal(
      "flavors:\n  python_function: {model_path: model.pkl}\n  sklearn: {pickled_model: model.pkl, "
      "serialization_format: cloudpickle}\n");
  EXPECT_NE(sklearn.find("a pickle, that is code"), std::string::npos) << sklearn;
  EXPECT_NE(sklearn.find("mlflow.xgboost.log_model"), std::string::npos);
  EXPECT_NE(refusal("flavors: {python_function: {python_model: python_model.pkl}}").find("pickle"),
            std::string::npos);
  EXPECT_NE(refusal("flavors: {pytorch: {data: data}, python_function: {}}").find("'pytorch'"),
            std::string::npos);
  EXPECT_NE(refusal("flavors: {xgboost: {data: model.pkl}}").find("pickle"), std::string::npos);
}

TEST(Mlmodel, AFileNameNeverLeavesItsFolder) {
  for (const char* name : {"../model.ubj", "/etc/passwd", "a/b.ubj", "..", ".hidden", "a%2e.ubj",
                           "''", "a\\b", "http://x", "\"a\\nb\""}) {
    EXPECT_NE(refusal("flavors: {xgboost: {data: " + std::string(name) + "}}"), "") << name;
  }
}

TEST(Mlmodel, WrongShapesAreNamed) {
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("- a\n- b\n").find("no YAML map"), std::string::npos);
  EXPECT_NE(refusal("flavors: 3").find("no flavours"), std::string::npos);
  EXPECT_NE(refusal("flavors: {xgboost: [1]").find("line"), std::string::npos);
  EXPECT_NE(refusal(changed("\"double\"", "\"string\"")).find("'temperature' of type 'string'"),
            std::string::npos);
  EXPECT_NE(refusal(changed("window_size: 16", "window_size: many")).find("window_size"),
            std::string::npos);
  EXPECT_NE(refusal(changed("window_size: 16", "window_size: 0")).find("window_size"),
            std::string::npos);
  EXPECT_NE(refusal(changed("'[{\"type\"", "'[{\"type")), "");
  EXPECT_NE(refusal("\xff\xfe"), "");
}

TEST(Mlmodel, BombsAreRefusedBeforeTheyAreBuilt) {
  std::string aliases = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string now = std::to_string(i), before = std::to_string(i - 1);
    aliases += "a" + now + ": &a" + now + " [*a" + before + ", *a" + before + "]\n";
  }
  EXPECT_NE(refusal(aliases).find("alias"), std::string::npos);
  EXPECT_NE(refusal("flavors: " + std::string(100'000, '[')), "");
  EXPECT_NE(refusal("flavors: " + std::string(100'000, '{')), "");
  EXPECT_NE(refusal("a: [" + std::string(400'000, ',') + "]"), "");
  EXPECT_NE(refusal(std::string((1 << 20) + 1, ' ')).find("mebibyte"), std::string::npos);
}

TEST(Mlmodel, CutAndChangedTextsEndInAnErrorOrAModel) {
  const std::string whole = kXgboost;
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    const auto model = read_mlmodel(whole.substr(0, n));
    if (model) {
      EXPECT_EQ(model->file.substr(0, 5), std::string("model.ubj").substr(0, 5));
    }
  }
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    std::string text = whole;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random() % 128);
    const auto model = read_mlmodel(text);
    if (model) {
      EXPECT_EQ(model->file.find('/'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace millwright
