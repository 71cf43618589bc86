#pragma once
/// A booster that somebody else's XGBoost has written, made safe.
///
/// The library believes what a model says: a child that lies outside of its tree or a feature that
/// does not exist is read from foreign memory, its UBJSON reader runs past the end of a cut file,
/// and what a newer version writes is predicted wrongly without a word. So the document is read
/// here, each tree is walked from its root and written anew with the nodes that were reached, and
/// only that text reaches the library.
///
/// Taken: JSON and UBJSON of XGBoost 1.0 to 3.0, booster gbtree, numeric features, and the
/// objectives of `xgboost_objectives()`. Pure, no I/O.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ml/trees/booster.h"

namespace millwright::ml {

/// How a raw score becomes what XGBoost's own `predict` answers.
enum class ScoreLink { kIdentity, kExponential, kLogistic, kClassOfTwo, kClassOfMany };

struct ImportedBooster {
  Booster booster;
  std::string objective;                   ///< "binary:logistic"
  ScoreLink link = ScoreLink::kIdentity;   ///< That of the objective.
  std::vector<std::string> feature_names;  ///< In the order of the columns; empty where unnamed.
};

/// Names of the objectives that are taken, in alphabetical order.
std::vector<std::string> xgboost_objectives();
/// Errors: kInvalidArgument for an objective that is not taken, with those that are.
Result<ScoreLink> xgboost_link(std::string_view objective);

/// `best_rounds_only`: keep the trees up to the best iteration of early stopping, as the
/// scikit-learn interface of XGBoost does when it predicts; XGBoost's own `predict` uses them all.
/// Errors: kInvalidArgument with what it is instead, or what is wrong, and the way out.
Result<ImportedBooster> import_xgboost(std::span<const std::byte> bytes, bool best_rounds_only);

}  // namespace millwright::ml
