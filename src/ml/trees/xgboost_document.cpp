#include "ml/trees/xgboost_document.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

#include "base/text.h"
#include "ml/model_file/bounded_json.h"
#include "ml/trees/xgboost_tree.h"

namespace millwright::ml {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFeatures = 4'096;
constexpr std::size_t kMaxClasses = 1'024;
constexpr int kNewestMajor = 3;  ///< 3.0 is understood, 3.1 changed what base_score means.
constexpr int kNewestMinor = 0;

const std::map<std::string, ScoreLink, std::less<>>& links() {
  static const std::map<std::string, ScoreLink, std::less<>> known = {
      {"binary:logistic", ScoreLink::kClassOfTwo}, {"count:poisson", ScoreLink::kExponential},
      {"multi:softmax", ScoreLink::kClassOfMany},  {"multi:softprob", ScoreLink::kClassOfMany},
      {"reg:absoluteerror", ScoreLink::kIdentity}, {"reg:gamma", ScoreLink::kExponential},
      {"reg:logistic", ScoreLink::kLogistic},      {"reg:pseudohubererror", ScoreLink::kIdentity},
      {"reg:squarederror", ScoreLink::kIdentity},  {"reg:squaredlogerror", ScoreLink::kIdentity},
      {"reg:tweedie", ScoreLink::kExponential}};
  return known;
}

/// What is read of the document's head; the trees stay where they are.
struct Head {
  std::size_t features = 0;
  std::size_t classes = 0;  ///< 0: one output.
  std::size_t trees_a_round = 1;
  std::size_t rounds = 0;  ///< Those that are kept.
  std::string objective;
  ScoreLink link = ScoreLink::kIdentity;
  double base_score = 0;
  std::vector<std::string> feature_names;

  std::size_t outputs() const { return std::max<std::size_t>(classes, 1); }
};

Result<json> read_document(std::span<const std::byte> bytes) {
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<char>(bytes[i]) : '\0';
  };
  if (at(0) != '{') {
    return invalid_argument(
        "the file is no XGBoost JSON or UBJSON (the old binary form is not read): save it again "
        "with model_format='ubj' or save_model('model.ubj')");
  }
  const bool is_text = std::strchr("\" \n\r\t}", at(1)) != nullptr;
  return read_bounded_json(bytes, is_text ? JsonForm::kText : JsonForm::kUbjson);
}

/// XGBoost writes its numbers as texts: "3", "5E-1".
template <typename Number>
Result<Number> number_at(const json& object, const char* name) {
  const std::string text = object.at(name).get<std::string>();
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return invalid_argument("the model's " + std::string(name) + " " + quote(text) +
                          " is no number: save the model again");
}

Result<std::size_t> count_at(const json& object, const char* name, std::size_t limit) {
  MW_ASSIGN(const auto number, number_at<std::size_t>(object, name));
  if (number <= limit) return number;
  return invalid_argument("the model's " + std::string(name) + " " + std::to_string(number) +
                          " is more than " + std::to_string(limit));
}

Result<> check_version(const json& document) {
  const auto version = document.at("version").get<std::vector<int>>();
  if (version.size() >= 2 && version[0] >= 1 &&
      (version[0] < kNewestMajor || (version[0] == kNewestMajor && version[1] <= kNewestMinor))) {
    return {};
  }
  const std::string text = version.size() < 2
                               ? "unknown"
                               : std::to_string(version[0]) + "." + std::to_string(version[1]);
  return invalid_argument("the model was written by XGBoost " + text +
                          ", which this program would misread: train it with XGBoost 1.0 to 3.0 "
                          "(pip install 'xgboost<3.1')");
}

Result<> read_parameters(const json& learner, Head& head) {
  const json& parameters = learner.at("learner_model_param");
  MW_ASSIGN(head.features, count_at(parameters, "num_feature", kMaxFeatures));
  MW_ASSIGN(head.classes, count_at(parameters, "num_class", kMaxClasses));
  MW_ASSIGN(head.base_score, number_at<double>(parameters, "base_score"));
  if (parameters.contains("num_target")) {
    MW_ASSIGN(const std::size_t targets, count_at(parameters, "num_target", kMaxClasses));
    if (targets > 1) {
      return invalid_argument("the model foretells " + std::to_string(targets) +
                              " figures at once: train one model for each");
    }
  }
  head.objective = learner.at("objective").at("name").get<std::string>();
  MW_ASSIGN(head.link, xgboost_link(head.objective));
  const bool is_many = head.link == ScoreLink::kClassOfMany;
  if (is_many ? head.classes < 2 : head.classes > 1) {
    return invalid_argument("the model has " + std::to_string(head.classes) +
                            " classes, which does not fit its objective " + head.objective);
  }
  if (!is_many) head.classes = 0;
  // The library turns a probability into log-odds and a rate into its logarithm.
  const bool is_share = head.link == ScoreLink::kLogistic || head.link == ScoreLink::kClassOfTwo;
  const bool is_rate = head.link == ScoreLink::kExponential;
  if (head.features == 0 || !std::isfinite(static_cast<float>(head.base_score)) ||
      (is_share && !(head.base_score > 0 && head.base_score < 1)) ||
      (is_rate && !(head.base_score > 0))) {
    return invalid_argument("the model's base_score or number of features is out of range");
  }
  return {};
}

Result<> read_features(const json& learner, Head& head) {
  if (learner.contains("feature_names")) {
    head.feature_names = learner["feature_names"].get<std::vector<std::string>>();
  }
  if (!head.feature_names.empty() && head.feature_names.size() != head.features) {
    return invalid_argument("the model names " + std::to_string(head.feature_names.size()) +
                            " of its " + std::to_string(head.features) + " features");
  }
  if (!learner.contains("feature_types")) return {};
  for (const auto& type : learner["feature_types"].get<std::vector<std::string>>()) {
    if (type == "c" || type == "categorical") {
      return invalid_argument(
          "the model has a categorical feature: train with numeric columns, such as one-hot "
          "encoded ones");
    }
  }
  return {};
}

/// How many of the document's trees are kept.
Result<> read_rounds(const json& learner, const json& model, bool best_rounds_only, Head& head) {
  MW_ASSIGN(const std::size_t parallel,
            count_at(model.at("gbtree_model_param"), "num_parallel_tree", 100'000));
  head.trees_a_round = std::max<std::size_t>(parallel, 1) * head.outputs();
  const json& trees = model.at("trees");
  const json& info = model.at("tree_info");
  if (!trees.is_array() || !info.is_array() || trees.empty() || info.size() != trees.size() ||
      trees.size() % head.trees_a_round != 0) {
    return invalid_argument("the model has " + std::to_string(trees.size()) +
                            " trees, which is no multiple of the " +
                            std::to_string(head.trees_a_round) + " of one round");
  }
  head.rounds = trees.size() / head.trees_a_round;
  const json attributes = learner.value("attributes", json::object());
  if (best_rounds_only && attributes.contains("best_iteration")) {
    MW_ASSIGN(const auto best, number_at<std::size_t>(attributes, "best_iteration"));
    if (best < head.rounds) head.rounds = best + 1;
  }
  return {};
}

/// Every objective's own parameters; the library reads those of the one that is named.
std::string objective_text(const Head& head) {
  return R"({"name":")" + head.objective +
         R"(","reg_loss_param":{"scale_pos_weight":"1"},"softmax_multiclass_param":{"num_class":")" +
         std::to_string(head.classes) +
         R"("},"poisson_regression_param":{"max_delta_step":"7E-1"},)"
         R"("tweedie_regression_param":{"tweedie_variance_power":"1.5E0"},)"
         R"("pseudo_huber_param":{"huber_slope":"1E0"}})";
}

Result<std::string> rewrite(const json& model, const Head& head) {
  const std::size_t kept = head.rounds * head.trees_a_round;
  std::string trees;
  std::string info;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto output = model.at("tree_info")[i].get<std::size_t>();
    if (output >= head.outputs()) {
      return invalid_argument("a tree of the model votes for a class that there is not");
    }
    MW_ASSIGN(const std::string tree, rewrite_xgboost_tree(model.at("trees")[i], i, head.features));
    trees += (i == 0 ? "" : ",") + tree;
    info += (i == 0 ? "" : ",") + std::to_string(output);
  }
  return R"({"learner":{"attributes":{},"feature_names":[],"feature_types":[],)"
         R"("gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":")" +
         std::to_string(head.trees_a_round / head.outputs()) + R"(","num_trees":")" +
         std::to_string(kept) + R"(","size_leaf_vector":"0"},"tree_info":[)" + info +
         R"(],"trees":[)" + trees + R"(]},"name":"gbtree"},"learner_model_param":{"base_score":")" +
         xgboost_float(head.base_score) + R"(","boost_from_average":"1","num_class":")" +
         std::to_string(head.classes) + R"(","num_feature":")" + std::to_string(head.features) +
         R"(","num_target":"1"},"objective":)" + objective_text(head) + R"(},"version":[1,7,4]})";
}

Result<ImportedBooster> import(const json& document, bool best_rounds_only) {
  MW_TRY(check_version(document));
  const json& learner = document.at("learner");
  const json& gradient = learner.at("gradient_booster");
  const auto booster_name = gradient.at("name").get<std::string>();
  if (booster_name != "gbtree") {
    return invalid_argument("the model's booster " + quote(booster_name) +
                            " is not run here: train it with booster='gbtree'");
  }
  const json& model = gradient.at("model");
  Head head;
  MW_TRY(read_parameters(learner, head));
  MW_TRY(read_features(learner, head));
  MW_TRY(read_rounds(learner, model, best_rounds_only, head));
  MW_ASSIGN(const std::string text, rewrite(model, head));
  MW_ASSIGN(Booster booster, Booster::from_json(text, head.features, head.outputs()));
  return ImportedBooster{std::move(booster), std::move(head.objective), head.link,
                         std::move(head.feature_names)};
}

}  // namespace

std::vector<std::string> xgboost_objectives() {
  std::vector<std::string> names;
  for (const auto& [name, link] : links()) names.push_back(name);
  return names;
}

Result<ScoreLink> xgboost_link(std::string_view objective) {
  const auto link = links().find(objective);
  if (link != links().end()) return link->second;
  std::string known;
  for (const auto& name : xgboost_objectives()) known += (known.empty() ? "" : ", ") + name;
  return invalid_argument("the model's objective " + quote(objective) +
                          " is not run here: train it with one of " + known);
}

Result<ImportedBooster> import_xgboost(std::span<const std::byte> bytes, bool best_rounds_only) {
  MW_ASSIGN(const json document, read_document(bytes));
  try {
    return import(document, best_rounds_only);
  } catch (const json::exception& error) {
    return Error{ErrorCode::kInvalidArgument,
                 "the file lacks what every XGBoost model has, or has it in another shape: save it "
                 "again with save_model",
                 error.what()};
  }
}

}  // namespace millwright::ml
