#pragma once
/// `millwright features rank`: which columns of a table tell something about another one.

#include <filesystem>
#include <string>

namespace millwright {

struct FeaturesOptions {
  std::filesystem::path data;  ///< A CSV file with a header, plain or gzip.
  std::string target;          ///< The column to tell about: numbers, or words that are classes.
  bool json = false;
};

/// Returns the exit code: 0, or 1 after a sentence on standard error.
int features_rank_command(const FeaturesOptions& options);

}  // namespace millwright
