#pragma once
/// A booster over named inputs of one place: what a data scientist brings.
///
/// Made from an XGBoost file and the columns it was trained on, kept as a model file of ours (kind
/// "tabular"), so that every registry holds it and nothing foreign is read again. A classifier
/// answers a class and its probability, a regression a number; both are what XGBoost's own
/// `predict` answers (margins through the objective's link; T. Chen, C. Guestrin 2016).
///
/// Not thread-safe: one object per thread.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ml/tabular/window_columns.h"
#include "ml/trees/booster.h"
#include "ml/trees/xgboost_document.h"

namespace millwright::ml {

struct TabularSource {
  std::span<const std::byte> xgboost{};  ///< JSON or UBJSON.
  /// As the model reads them (window_columns.h); empty: those that the file itself names.
  std::vector<std::string> columns{};
  std::size_t window_size = 1;
  std::vector<std::string> classes{};  ///< Of a classifier; empty: "0", "1", …
  bool best_rounds_only = false;       ///< See import_xgboost.
};

struct TabularVerdict {
  std::string predicted;              ///< A class, or the number as text.
  std::optional<double> probability;  ///< Of that class; none of a number.
};

/// The bytes of a model file. Errors: kInvalidArgument as import_xgboost and WindowColumns, and
/// where columns or classes do not fit the booster.
Result<std::vector<std::byte>> make_tabular_model(const TabularSource& source);

class TabularModel {
 public:
  /// Errors: kInvalidArgument where the bytes are no such model.
  static Result<TabularModel> load(std::span<const std::byte> bytes);

  const std::vector<std::string>& inputs() const { return columns_.inputs(); }
  std::size_t window_size() const { return columns_.window_size(); }
  /// `window`: shape (inputs, window_size), oldest first.
  /// Errors: kInvalidArgument for another shape; kFailedPrecondition where the answer is not
  /// finite.
  Result<TabularVerdict> judge(std::span<const std::vector<double>> window) const;

 private:
  TabularModel(Booster booster, WindowColumns columns, ScoreLink link,
               std::vector<std::string> classes);

  Booster booster_;
  WindowColumns columns_;
  ScoreLink link_;
  std::vector<std::string> classes_;
};

}  // namespace millwright::ml
