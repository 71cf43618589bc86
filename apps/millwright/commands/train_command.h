#pragma once
/// `millwright train NAME`: trains a model and puts it into the registry's folder.

#include <cstdint>
#include <filesystem>
#include <string>

namespace millwright {

struct TrainOptions {
  std::string name;                ///< "gear" or "turbofan".
  std::filesystem::path registry;  ///< The registry's folder; made when it is missing.
  /// gear: a folder of recorded runs (*.csv, *.csv.gz) that train beside the simulated ones; may be
  /// empty. turbofan: a file of run-to-failure data, needed.
  std::filesystem::path data;
  std::uint32_t seed = 1;
  bool promote = true;  ///< Makes the new version live.
};

/// Prints progress lines on standard output. Returns the exit code: 0, or 1 after a sentence on
/// standard error.
int train_command(const TrainOptions& options);

}  // namespace millwright
