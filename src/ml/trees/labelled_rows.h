#pragma once
/// Rows of features with their classes, and trees that learn from some and judge others.
///
/// Pure; one thread at a time for each object.

#include <string>

#include "ml/trees/booster.h"

namespace millwright::ml {

struct LabelledRows {
  std::vector<float> values;  ///< shape (n, columns)
  std::vector<float> labels;  ///< shape (n,): class numbers

  std::size_t size() const { return labels.size(); }
  std::size_t columns() const { return labels.empty() ? 0 : values.size() / labels.size(); }
  /// All rows have the same number of features.
  void add(std::span<const float> features, std::size_t label);
  void add(const LabelledRows& rows);
  /// Row i.
  std::span<const float> row(std::size_t i) const;
};

/// Parameters for classifying windows, cycles and rows, the same for every data set. A tree sees
/// half of the columns, but at least 16 where there are so many (train_and_score()).
TreeParameters classifier_parameters(std::size_t classes, std::uint32_t seed);

/// Trains on `train`; the scores of `test`, shape (test rows, classes).
/// Errors: kInvalidArgument where one of them is empty or the columns differ.
Result<std::vector<float>> train_and_score(const LabelledRows& train, const LabelledRows& test,
                                           const TreeParameters& parameters);

/// Class numbers of the largest scores, shape (n,).
std::vector<std::size_t> arg_max(std::span<const float> scores, std::size_t classes);

}  // namespace millwright::ml
