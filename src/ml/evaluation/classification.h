#pragma once
/// Scores of a classifier.

#include <cstddef>
#include <span>
#include <vector>

namespace millwright::ml {

/// Counts of (truth, prediction), shape (classes, classes), row-major by truth.
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes, 0) {}

  /// truth, predicted < classes.
  void add(std::size_t truth, std::size_t predicted);
  void merge(const Confusion& other);

  std::size_t classes() const { return classes_; }
  std::size_t count(std::size_t truth, std::size_t predicted) const;
  std::size_t total() const;

  double accuracy() const;
  /// Harmonic mean of precision and recall of one class; 0 when it was never right.
  double f1(std::size_t cls) const;
  /// Mean F1 over the classes that occur as truth or prediction.
  double macro_f1() const;
  /// Mean recall over the classes that occur as truth.
  double balanced_accuracy() const;

 private:
  std::size_t classes_;
  std::vector<std::size_t> counts_;
};

/// Area under the precision-recall curve by average precision: the mean precision at each positive,
/// ranked by score, ties taken together. Shapes (n,); 0 without a positive. O(n log n).
double average_precision(std::span<const double> scores, const std::vector<bool>& positive);

struct MeanAndSpread {
  double mean = 0.0;
  double spread = 0.0;  ///< Standard deviation with n - 1; 0 for one value.
};
MeanAndSpread mean_and_spread(std::span<const double> values);

}  // namespace millwright::ml
