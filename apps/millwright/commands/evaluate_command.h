#pragma once
/// `millwright evaluate NAME`: scores a model by the protocol of a data set.

#include <cstdint>
#include <filesystem>
#include <string>

namespace millwright {

struct EvaluateOptions {
  std::string name;             ///< A data set, "gear" (simulated, no data) or "all".
  std::filesystem::path data;   ///< The data set's folder.
  std::filesystem::path train;  ///< Trains on all of this folder and tests on all of `data`.
  std::uint32_t seed = 1;       ///< The first seed where chance is involved (five are run).
  bool json = false;            ///< One JSON object on standard output instead of a table.
  /// Where `all` writes its table in Markdown; left alone where the folder does not exist.
  std::filesystem::path results = "docs/models/results.md";
};

/// Returns the exit code: 0, or 1 after a sentence on standard error.
int evaluate_command(const EvaluateOptions& options);

}  // namespace millwright
