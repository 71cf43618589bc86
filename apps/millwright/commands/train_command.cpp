#include "apps/millwright/commands/train_command.h"

#include <iostream>
#include <span>

#include "apps/millwright/commands/gear_runs_file.h"
#include "apps/millwright/commands/turbofan_file.h"
#include "base/clock.h"
#include "base/text.h"
#include "ml/fault/gear_classifier.h"
#include "ml/fault/gear_training.h"
#include "ml/rul/rul_training.h"
#include "registry/directory/directory_model_registry.h"

namespace millwright {
namespace {

/// Six specimens of 1 s at every speed and load: 216 runs, 8,208 windows.
constexpr int kSpecimens = 6;
constexpr std::size_t kRunSamples = 5000;

void say(const std::string& line) { std::cout << line << std::endl; }

struct Trained {
  std::vector<std::byte> file;
  nlohmann::json card;
};

Result<Trained> train_gear(const TrainOptions& options) {
  say("simulating runs: 6 conditions, 3 speeds, 2 loads, " + std::to_string(kSpecimens) +
      " specimens, seed " + std::to_string(options.seed));
  std::vector<ml::GearRun> runs = ml::simulate_gear_runs(options.seed, kSpecimens, kRunSamples);
  const std::size_t simulated = runs.size();
  if (!options.data.empty()) {
    MW_ASSIGN(std::vector<ml::GearRun> recorded, read_gear_runs(options.data));
    say("read " + std::to_string(recorded.size()) + " recordings from " + options.data.string());
    for (ml::GearRun& run : recorded) runs.push_back(std::move(run));
  }
  MW_ASSIGN(ml::TrainedGear trained, ml::train_gear(runs, options.seed, say));
  nlohmann::json card = {
      {"kind", "gear_fault"},
      {"inputs", {"x_axis", "y_axis"}},
      {"classes", ml::gear_classes()},
      {"data",
       {{"simulated_runs", simulated},
        {"recorded_runs", runs.size() - simulated},
        {"windows", trained.windows}}},
      {"split", "every third specimen of a condition held out; then trained on all"},
      {"metrics", {{"held_out_macro_f1", trained.held_out_macro_f1}}},
      {"temperature", trained.temperature},
      {"seed", options.seed},
      {"limits",
       "Simulated gears of 18 teeth. On other gears it recognises the kind of vibration, not a "
       "proven fault; see docs/models/gear.md."}};
  return Trained{std::move(trained.file), std::move(card)};
}

Result<Trained> train_turbofan(const TrainOptions& options) {
  if (options.data.empty()) {
    return invalid_argument(
        "train turbofan needs --data FILE: run-to-failure data in C-MAPSS's "
        "form, such as demo/turbofan/train.csv.gz");
  }
  MW_ASSIGN(const std::vector<ml::TurbofanUnit> units, read_turbofan_units(options.data));
  say("read " + std::to_string(units.size()) + " units from " + options.data.string());
  MW_ASSIGN(ml::TrainedRul trained, ml::train_rul(units, turbofan_inputs(), options.seed, say));
  nlohmann::json card = {
      {"kind", "turbofan_rul"},
      {"inputs", turbofan_inputs()},
      {"age_input", "cycle"},
      {"unit", "cycles"},
      {"data", {{"units", units.size()}, {"cycles", trained.rows}}},
      {"split", "five folds by unit for the figures and the interval; then trained on all"},
      {"metrics",
       {{"out_of_fold_rmse", trained.out_of_fold_rmse},
        {"out_of_fold_coverage", trained.out_of_fold_coverage}}},
      {"seed", options.seed},
      {"limits",
       "Simulated engines of C-MAPSS; capped at 125 cycles, before which wear cannot be seen. See "
       "docs/models/turbofan.md."}};
  return Trained{std::move(trained.file), std::move(card)};
}

Result<> train(const TrainOptions& options) {
  static const SystemClock clock;
  Result<Trained> trained =
      options.name == "gear" ? train_gear(options)
      : options.name == "turbofan"
          ? train_turbofan(options)
          : Result<Trained>(invalid_argument("there is no model " + quote(options.name) +
                                             " to train: choose gear or turbofan"));
  if (!trained) return trained.error();
  MW_ASSIGN(const auto registry, DirectoryModelRegistry::open(options.registry, clock));
  MW_ASSIGN(const ModelVersion version,
            registry->put(options.name, std::nullopt, trained->file, trained->card));
  say("stored " + version.name + " version " + std::to_string(version.version) + ", " +
      std::to_string(version.size_bytes) + " bytes, in " + options.registry.string());
  if (options.promote) {
    MW_TRY(registry->promote(version.name, version.version));
    say(version.name + " version " + std::to_string(version.version) + " is live");
  }
  return {};
}

}  // namespace

int train_command(const TrainOptions& options) {
  const Result<> done = train(options);
  if (done) return 0;
  std::cerr << "millwright train: " << done.error().message << '\n';
  if (!done.error().detail.empty()) std::cerr << "  " << done.error().detail << '\n';
  return 1;
}

}  // namespace millwright
