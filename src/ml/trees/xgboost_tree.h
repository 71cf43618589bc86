#pragma once
/// One tree of a foreign XGBoost document: walked from its root, written anew.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace millwright::ml {

/// The tree in the form of XGBoost 1.7's JSON: the nodes that the root reaches, each once, numbered
/// in the order of the walk, with what prediction needs and finite numbers. `features`: columns.
/// Errors: kInvalidArgument for a tree that is none (a node with two parents, a child outside),
/// splits on categories or on a column that is not there.
Result<std::string> rewrite_xgboost_tree(const nlohmann::json& tree, std::size_t number,
                                         std::size_t features);

/// A finite number as XGBoost's JSON reader wants it: the shortest text of the float.
std::string xgboost_float(double value);

}  // namespace millwright::ml
