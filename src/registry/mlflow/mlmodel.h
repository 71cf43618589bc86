#pragma once
/// The file MLmodel of a model that MLflow keeps: which of its files is the model, and what it
/// reads.
///
/// YAML whose signature is JSON inside a text. Only the flavour `xgboost` is taken; it is a file of
/// numbers. Every other one is refused with the way out, above all pickles (flavours sklearn and
/// python_function alone): they are code. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millwright {

inline constexpr std::size_t kMaxMlmodelBytes = std::size_t{1} << 20;

struct Mlmodel {
  std::string file;  ///< Name of the booster's file beside MLmodel: "model.ubj".
  /// Made by XGBoost's scikit-learn interface, which predicts with the best rounds only.
  bool is_sklearn_interface = false;
  std::vector<std::string> columns;  ///< Of the signature, in its order; empty where it names none.
  std::size_t window_size = 1;       ///< metadata={"window_size": 64}
  std::vector<std::string> classes;  ///< metadata={"classes": ["ok", "worn"]}; empty: numbered.
};

/// Errors: kInvalidArgument where it is no such file, is too long, too deep or has aliases (a small
/// text may stand for a huge one), or where the model is of a kind that is not run, with the way
/// out.
Result<Mlmodel> read_mlmodel(std::string_view yaml);

}  // namespace millwright
