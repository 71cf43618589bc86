#pragma once
/// Gradient-boosted trees: a thin owner of an XGBoost booster (C API).
///
/// Always one thread and a fixed seed, so that the same rows give the same model bit for bit and
/// the caller decides on parallelism. Rows are row-major floats; NaN means missing. Source: T.
/// Chen, C. Guestrin (2016), XGBoost: A Scalable Tree Boosting System.
///
/// Not thread-safe: one object per thread. Never in a static object: the library keeps thread-local
/// state that is gone by then. Errors of the library become kInternal with its words in
/// the detail.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

struct TreeParameters {
  int classes = 0;  ///< 0: squared-error regression; k >= 2: softmax over k classes.
  int rounds = 150;
  int depth = 4;
  double eta = 0.1;
  double subsample = 0.8;
  double column_share = 0.5;  ///< Of the features, for each tree.
  double min_child_weight = 1.0;
  double lambda = 1.0;
  int bins = 64;  ///< Steps of a feature that a split may fall on; rare events need fine ones.
  std::uint32_t seed = 1;
};

class Booster {
 public:
  /// rows shape (n, columns), labels shape (n,): targets, or class numbers 0 ... classes - 1.
  /// weights shape (n,), how much each row counts, not negative; or empty: all the same.
  /// Errors: kInvalidArgument when shapes do not fit or there are no rows.
  static Result<Booster> train(std::span<const float> rows, std::size_t columns,
                               std::span<const float> labels, const TreeParameters& parameters,
                               std::span<const float> weights = {});
  /// From `save`'s bytes. Errors: kInvalidArgument when the library refuses them, they were written
  /// by a newer library, or the model does not have these columns and outputs.
  static Result<Booster> load(std::span<const std::byte> bytes, std::size_t columns,
                              std::size_t outputs);
  /// From the library's own JSON, which the caller vouches for: the library does not check a tree
  /// (see xgboost_document.h for foreign ones). Errors: as `load`.
  static Result<Booster> from_json(std::string_view json, std::size_t columns, std::size_t outputs);

  Booster(Booster&&) noexcept;
  Booster& operator=(Booster&&) noexcept;
  ~Booster();

  Result<std::vector<std::byte>> save() const;

  /// Shape (n, outputs): raw scores, that is log-odds up to a constant, or the regression value.
  Result<std::vector<float>> scores(std::span<const float> rows) const;
  /// SHAP values of one row, shape (outputs, columns + 1); the last column is the base value
  /// (Lundberg et al. 2018). Their sum is the raw score.
  Result<std::vector<float>> contributions(std::span<const float> row) const;

  std::size_t columns() const { return columns_; }
  std::size_t outputs() const { return outputs_; }

 private:
  struct Handle;
  Booster(std::unique_ptr<Handle> handle, std::size_t columns, std::size_t outputs);
  Result<std::vector<float>> predict(std::span<const float> rows, int type) const;

  std::unique_ptr<Handle> handle_;
  std::size_t columns_ = 0;
  std::size_t outputs_ = 0;
};

}  // namespace millwright::ml
