#pragma once
/// Smooth regression: a weighted sum of many waves of the features plus a straight part, by ridge
/// regression. It stands for a Gaussian process at a cost that does not grow with the training
/// rows. Trees cut a gradual change into steps; the mean of both errs less than either.
/// Internal to ml/rul.
///
/// Source: A. Rahimi, B. Recht (2007), Random features for large-scale kernel machines. The waves
/// come from the seed, so the same rows and seed give the same model.
/// Immutable once trained: safe to call from any thread.

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

class SmoothRegression {
 public:
  /// rows shape (n, columns) row-major, labels and weights shape (n,), n > 0. O(n waves^2).
  static SmoothRegression train(std::span<const float> rows, std::size_t columns,
                                std::span<const float> labels, std::span<const float> weights,
                                std::uint32_t seed);
  SmoothRegression(SmoothRegression&&) noexcept;
  SmoothRegression& operator=(SmoothRegression&&) noexcept;
  ~SmoothRegression();

  /// row shape (columns,).
  double predict(std::span<const float> row) const;

  nlohmann::json to_json() const;
  /// Errors: kInvalidArgument when a shape is wrong or a number is not finite.
  static Result<SmoothRegression> from_json(const nlohmann::json& json, std::size_t columns);

 private:
  struct Parts;
  explicit SmoothRegression(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright::ml
