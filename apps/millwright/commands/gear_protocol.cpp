/// gear and gear_dao2022: six conditions of gears, simulated and recorded.

#include "apps/millwright/commands/gear_runs_file.h"
#include "apps/millwright/commands/protocols.h"
#include "ml/fault/gear_training.h"

namespace millwright {
namespace {

/// Specimens of 1 s; a seed's simulation is as large as what `train gear` takes.
constexpr int kSpecimens = 6;
constexpr std::size_t kRunSamples = 5000;

using ScoreGear = std::function<Result<ml::GearScore>(std::uint32_t seed)>;

Result<ProtocolResult> gear_protocol(const EvaluateOptions& options, std::string name,
                                     std::string split, const ScoreGear& score) {
  return over_five_seeds(options, std::move(name), std::move(split),
                         [&](std::uint32_t seed) -> Result<SeedScore> {
                           MW_ASSIGN(const ml::GearScore s, score(seed));
                           return SeedScore{s.n,
                                            {{"macro_f1", s.macro_f1},
                                             {"balanced_accuracy", s.balanced_accuracy},
                                             {"offset_only_f1", s.offset_only_f1}},
                                            {{"offset_only_f1", s.offset_only_f1}}};
                         });
}

}  // namespace

Result<EvaluationReport> evaluate_gear(const EvaluateOptions& options) {
  MW_ASSIGN(
      ProtocolResult result,
      gear_protocol(options, "pair_left_out",
                    "simulated; one pair of speed and load left out at a time, other specimens",
                    [](std::uint32_t seed) {
                      const auto runs = ml::simulate_gear_runs(seed, kSpecimens, kRunSamples);
                      return ml::score_gear_by_pair(runs, seed, say);
                    }));
  return EvaluationReport{"gear", {std::move(result)}};
}

Result<EvaluationReport> evaluate_gear_dao2022(const EvaluateOptions& options) {
  MW_ASSIGN(const std::vector<ml::GearRun> runs, read_gear_runs(options.data));
  EvaluationReport report{"gear_dao2022", {}};
  if (options.train.empty()) {
    MW_ASSIGN(
        ProtocolResult result,
        gear_protocol(options, "in_time",
                      "per recording the first 70 % train, the last 30 % test, one window between",
                      [&](std::uint32_t seed) { return ml::score_gear_in_time(runs, seed); }));
    report.protocols.push_back(std::move(result));
    return report;
  }
  MW_ASSIGN(const std::vector<ml::GearRun> train_runs, read_gear_runs(options.train));
  MW_ASSIGN(ProtocolResult result,
            gear_protocol(
                options, "train_folder",
                "all of the train folder trains, all of the data folder is tested",
                [&](std::uint32_t seed) { return ml::score_gear_apart(train_runs, runs, seed); }));
  report.protocols.push_back(std::move(result));
  return report;
}

}  // namespace millwright
