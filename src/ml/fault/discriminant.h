#pragma once
/// Linear discriminant: one normal distribution a class, all with the same covariance.
///
/// For a few features with a physical meaning and few machines to learn from: its limits lie midway
/// between the classes, measured in their scatter, where trees put them wherever the nearest two
/// rows happen to be. Source: R. Fisher (1936); T. Hastie et al., The Elements of Statistical
/// Learning, 4.3. Immutable once trained: safe to call from any thread.

#include <memory>

#include "ml/trees/labelled_rows.h"

namespace millwright::ml {

class Discriminant {
 public:
  /// Classes are 0 ... classes - 1; each counts as equally likely. O(n columns^2).
  /// Errors: kInvalidArgument where a class has fewer than two rows.
  static Result<Discriminant> train(const LabelledRows& rows, std::size_t classes);
  Discriminant(Discriminant&&) noexcept;
  Discriminant& operator=(Discriminant&&) noexcept;
  ~Discriminant();

  /// Log-likelihoods up to a constant, shape (rows, classes).
  std::vector<float> scores(const LabelledRows& rows) const;

 private:
  struct Parts;
  explicit Discriminant(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright::ml
