#include "ml/trees/labelled_rows.h"

#include <algorithm>

namespace millwright::ml {
namespace {

// Few rows want coarse steps, or trees split between two neighbours by chance; many rows can tell
// a limit that only a few of them pass.
constexpr std::size_t kRowsABin = 5;
constexpr std::size_t kFewestBins = 32;
constexpr std::size_t kMostBins = 1'024;

}  // namespace
void LabelledRows::add(std::span<const float> features, std::size_t label) {
  values.insert(values.end(), features.begin(), features.end());
  labels.push_back(static_cast<float>(label));
}

void LabelledRows::add(const LabelledRows& rows) {
  values.insert(values.end(), rows.values.begin(), rows.values.end());
  labels.insert(labels.end(), rows.labels.begin(), rows.labels.end());
}

std::span<const float> LabelledRows::row(std::size_t i) const {
  return std::span(values).subspan(i * columns(), columns());
}

TreeParameters classifier_parameters(std::size_t classes, std::uint32_t seed) {
  return {.classes = static_cast<int>(classes), .seed = seed};
}

Result<std::vector<float>> train_and_score(const LabelledRows& train, const LabelledRows& test,
                                           const TreeParameters& parameters) {
  if (train.size() == 0 || test.size() == 0 || train.columns() != test.columns()) {
    return invalid_argument("the data leave " + std::to_string(train.size()) + " rows of " +
                            std::to_string(train.columns()) + " features to train and " +
                            std::to_string(test.size()) + " of " + std::to_string(test.columns()) +
                            " to test: give more of them, with the same columns");
  }
  TreeParameters fitted = parameters;
  fitted.bins = static_cast<int>(std::clamp(train.size() / kRowsABin, kFewestBins, kMostBins));
  MW_ASSIGN(const Booster booster,
            Booster::train(train.values, train.columns(), train.labels, fitted));
  return booster.scores(test.values);
}

std::vector<std::size_t> arg_max(std::span<const float> scores, std::size_t classes) {
  std::vector<std::size_t> out(scores.size() / classes);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto row = scores.subspan(i * classes, classes);
    out[i] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return out;
}

}  // namespace millwright::ml
