#pragma once
/// Training and honest scoring of the gear fault classifier.
///
/// A run is one recording: one specimen, one speed, one load, no jump inside. Pure: runs in, bytes
/// and scores out. Same runs and seed, same bytes.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ml/evaluation/classification.h"

namespace millwright::ml {

struct GearRun {
  std::string condition;  ///< Wire name: "missing_tooth".
  double speed_hz = 0.0;  ///< Only for splits; never a feature.
  double load_nm = 0.0;   ///< Only for splits; never a feature.
  double sample_rate_hz = 5000.0;
  std::vector<double> x_axis;
  std::vector<double> y_axis;  ///< Same length.
};

/// All six conditions at all speeds and loads, `specimens` runs of `samples` each. Training and
/// testing sets take different seeds.
std::vector<GearRun> simulate_gear_runs(std::uint64_t seed, int specimens, std::size_t samples);

/// The classes in the order of the model's outputs.
const std::vector<std::string>& gear_classes();

struct GearScore {
  std::size_t n = 0;  ///< Windows tested.
  double macro_f1 = 0.0;
  double balanced_accuracy = 0.0;
  double offset_only_f1 = 0.0;  ///< Trivial baseline: trees on the two means alone.
  Confusion confusion{6};
};

/// Told what is being done, for people who wait.
using Progress = std::function<void(const std::string& line)>;

/// Per run the first 70 % trains and the last 30 % tests, one window (256 samples) between; windows
/// of 256 with half overlap inside each part.
/// Errors: kInvalidArgument for an unknown condition, unequal axes or nothing to train or test on.
Result<GearScore> score_gear_in_time(std::span<const GearRun> runs, std::uint32_t seed);
/// Leaves one pair of speed and load out at a time; pooled over the pairs.
/// Errors: as above; kInvalidArgument with fewer than two pairs.
Result<GearScore> score_gear_by_pair(std::span<const GearRun> runs, std::uint32_t seed,
                                     const Progress& progress);
/// All of `train` trains, all of `test` is tested.
Result<GearScore> score_gear_apart(std::span<const GearRun> train, std::span<const GearRun> test,
                                   std::uint32_t seed);

struct TrainedGear {
  std::vector<std::byte> file;  ///< What GearClassifier::load takes.
  double held_out_macro_f1 = 0.0;
  double temperature = 1.0;
  std::size_t windows = 0;
};
/// Trains on all runs; before that on a part, to fit the temperature and score on the rest (every
/// third run of a condition, so whole specimens are held out). Seconds for a few thousand windows.
/// Errors: as above.
Result<TrainedGear> train_gear(std::span<const GearRun> runs, std::uint32_t seed,
                               const Progress& progress);

}  // namespace millwright::ml
