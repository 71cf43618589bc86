#include "ml/tabular/tabular_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "ml/model_file/model_file.h"

namespace millwright::ml {
namespace {

constexpr const char* kKind = "tabular";

/// The kind's columns are the model's own; what all share is the grammar of their names.
std::string grammar_hash() {
  const std::vector<std::string> grammar = {"input", "input:figure", "input:sample"};
  return schema_hash(grammar);
}

bool is_classifier(ScoreLink link) {
  return link == ScoreLink::kClassOfTwo || link == ScoreLink::kClassOfMany;
}

std::size_t classes_of(ScoreLink link, std::size_t outputs) {
  if (!is_classifier(link)) return 0;
  return link == ScoreLink::kClassOfTwo ? 2 : outputs;
}

Result<> check_classes(std::span<const std::string> classes, std::size_t wanted) {
  const std::set<std::string> distinct(classes.begin(), classes.end());
  if (classes.size() == wanted && distinct.size() == wanted && !distinct.contains("")) return {};
  return invalid_argument("the model has " + std::to_string(wanted) + " classes, but " +
                          std::to_string(classes.size()) +
                          " names of classes: give each its own, in the order of their numbers");
}

Result<std::vector<std::string>> columns_of(const TabularSource& source,
                                            const ImportedBooster& imported) {
  const auto& named = imported.feature_names;
  const auto& columns = source.columns.empty() ? named : source.columns;
  if (columns.empty()) {
    return invalid_argument(
        "nothing says which metrics the model reads: train it on a DataFrame, or log it with a "
        "signature whose inputs have names");
  }
  if (columns.size() != imported.booster.columns()) {
    return invalid_argument("the signature has " + std::to_string(columns.size()) +
                            " inputs, the model " + std::to_string(imported.booster.columns()));
  }
  if (!named.empty() && named != columns) {
    return invalid_argument(
        "the signature's inputs are not the columns of the model, in its order: log it with "
        "infer_signature of the table that it was trained on");
  }
  return columns;
}

std::string text_of(double number) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(number));
  return error == std::errc() ? std::string(text.data(), end) : "";
}

double logistic(double score) { return 1 / (1 + std::exp(-score)); }

std::vector<double> soft_max(std::span<const float> scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares;
  double total = 0;
  for (const float score : scores) total += shares.emplace_back(std::exp(score - largest));
  for (double& share : shares) share /= total;
  return shares;
}

}  // namespace

Result<std::vector<std::byte>> make_tabular_model(const TabularSource& source) {
  MW_ASSIGN(const ImportedBooster imported,
            import_xgboost(source.xgboost, source.best_rounds_only));
  MW_ASSIGN(const auto columns, columns_of(source, imported));
  MW_TRY(WindowColumns::parse(columns, source.window_size));
  std::vector<std::string> classes = source.classes;
  const std::size_t wanted = classes_of(imported.link, imported.booster.outputs());
  for (std::size_t i = 0; source.classes.empty() && i < wanted; ++i) {
    classes.push_back(std::to_string(i));
  }
  MW_TRY(check_classes(classes, wanted));
  ModelFile file;
  file.info.kind = kKind;
  file.info.feature_schema = grammar_hash();
  file.info.training_fingerprint = blake2b_hex(source.xgboost);
  file.info.parameters = {{"columns", columns},
                          {"window_size", source.window_size},
                          {"classes", classes},
                          {"objective", imported.objective}};
  MW_ASSIGN(file.body, imported.booster.save());
  return write_model_file(file);
}

TabularModel::TabularModel(Booster booster, WindowColumns columns, ScoreLink link,
                           std::vector<std::string> classes)
    : booster_(std::move(booster)),
      columns_(std::move(columns)),
      link_(link),
      classes_(std::move(classes)) {}

Result<TabularModel> TabularModel::load(std::span<const std::byte> bytes) {
  MW_ASSIGN(const ModelFile file, read_model_file(bytes, kKind, grammar_hash()));
  std::vector<std::string> names;
  std::vector<std::string> classes;
  std::size_t window_size = 0;
  std::string objective;
  try {
    names = file.info.parameters.at("columns").get<std::vector<std::string>>();
    classes = file.info.parameters.at("classes").get<std::vector<std::string>>();
    window_size = file.info.parameters.at("window_size").get<std::size_t>();
    objective = file.info.parameters.at("objective").get<std::string>();
  } catch (const nlohmann::json::exception& error) {
    return Error{ErrorCode::kInvalidArgument,
                 "tabular model lacks columns, classes, window size or objective: import it again",
                 error.what()};
  }
  MW_ASSIGN(const ScoreLink link, xgboost_link(objective));
  MW_ASSIGN(WindowColumns columns, WindowColumns::parse(names, window_size));
  const bool is_many = link == ScoreLink::kClassOfMany;
  MW_ASSIGN(Booster booster, Booster::load(file.body, names.size(), is_many ? classes.size() : 1));
  MW_TRY(check_classes(classes, classes_of(link, booster.outputs())));
  return TabularModel(std::move(booster), std::move(columns), link, std::move(classes));
}

Result<TabularVerdict> TabularModel::judge(std::span<const std::vector<double>> window) const {
  MW_ASSIGN(const std::vector<float> row, columns_.row(window));
  MW_ASSIGN(const std::vector<float> scores, booster_.scores(row));
  if (!std::all_of(scores.begin(), scores.end(), [](float s) { return std::isfinite(s); })) {
    return failed_precondition("the model answers no finite number here");
  }
  if (link_ == ScoreLink::kClassOfMany) {
    const std::vector<double> shares = soft_max(scores);
    const auto best = std::max_element(shares.begin(), shares.end());
    return TabularVerdict{classes_[static_cast<std::size_t>(best - shares.begin())], *best};
  }
  if (link_ == ScoreLink::kClassOfTwo) {
    const double share = logistic(scores[0]);
    const bool is_second = share > 0.5;
    return TabularVerdict{classes_[is_second ? 1 : 0], is_second ? share : 1 - share};
  }
  const double number = link_ == ScoreLink::kExponential ? std::exp(double{scores[0]})
                        : link_ == ScoreLink::kLogistic  ? logistic(scores[0])
                                                         : double{scores[0]};
  return TabularVerdict{text_of(number), std::nullopt};
}

}  // namespace millwright::ml
