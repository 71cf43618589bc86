#include "apps/millwright/commands/evaluate_command.h"

#include <array>
#include <functional>
#include <iostream>

#include "apps/millwright/commands/evaluation_report.h"
#include "apps/millwright/commands/gear_runs_file.h"
#include "apps/millwright/commands/turbofan_file.h"
#include "base/text.h"
#include "ml/fault/gear_training.h"
#include "ml/rul/rul_training.h"

namespace millwright {
namespace {

constexpr std::uint32_t kSeeds = 5;
/// Specimens of 1 s; a seed's simulation is as large as what `train gear` takes.
constexpr int kSpecimens = 6;
constexpr std::size_t kRunSamples = 5000;
constexpr std::array<const char*, 4> kSubsets = {"FD001", "FD002", "FD003", "FD004"};

/// Progress goes to standard error, so that --json stays one line.
void say(const std::string& line) { std::cerr << line << std::endl; }

Result<> need_data(const EvaluateOptions& options) {
  if (!options.data.empty()) return {};
  return invalid_argument("evaluate " + options.name + " needs --data DIR, the data set's folder");
}

using ScoreGear = std::function<Result<ml::GearScore>(std::uint32_t seed)>;

Result<ProtocolResult> gear_protocol(const EvaluateOptions& options, const ScoreGear& score) {
  ProtocolResult result;
  result.seed = options.seed;
  std::vector<std::map<std::string, double>> runs;
  std::vector<std::map<std::string, double>> baselines;
  for (std::uint32_t seed = options.seed; seed < options.seed + kSeeds; ++seed) {
    MW_ASSIGN(const ml::GearScore s, score(seed));
    say("seed " + std::to_string(seed) + ": macro F1 " + std::to_string(s.macro_f1) +
        ", offsets alone " + std::to_string(s.offset_only_f1));
    result.n = s.n;
    runs.push_back({{"macro_f1", s.macro_f1},
                    {"balanced_accuracy", s.balanced_accuracy},
                    {"offset_only_f1", s.offset_only_f1}});
    baselines.push_back({{"offset_only_f1", s.offset_only_f1}});
  }
  result.metrics = over_seeds(runs);
  result.baseline = over_seeds(baselines);
  return result;
}

Result<EvaluationReport> evaluate_gear(const EvaluateOptions& options) {
  MW_ASSIGN(ProtocolResult result, gear_protocol(options, [](std::uint32_t seed) {
              const auto runs = ml::simulate_gear_runs(seed, kSpecimens, kRunSamples);
              return ml::score_gear_by_pair(runs, seed, say);
            }));
  result.name = "pair_left_out";
  result.split = "simulated; one pair of speed and load left out at a time, other specimens";
  return EvaluationReport{"gear", {std::move(result)}};
}

Result<EvaluationReport> evaluate_gear_dao2022(const EvaluateOptions& options) {
  MW_TRY(need_data(options));
  MW_ASSIGN(const std::vector<ml::GearRun> runs, read_gear_runs(options.data));
  if (options.train.empty()) {
    MW_ASSIGN(ProtocolResult result, gear_protocol(options, [&](std::uint32_t seed) {
                return ml::score_gear_in_time(runs, seed);
              }));
    result.name = "in_time";
    result.split = "per recording the first 70 % train, the last 30 % test, one window between";
    return EvaluationReport{"gear_dao2022", {std::move(result)}};
  }
  MW_ASSIGN(const std::vector<ml::GearRun> train_runs, read_gear_runs(options.train));
  MW_ASSIGN(ProtocolResult result, gear_protocol(options, [&](std::uint32_t seed) {
              return ml::score_gear_apart(train_runs, runs, seed);
            }));
  result.name = "train_folder";
  result.split = "all of the train folder trains, all of the data folder is tested";
  return EvaluationReport{"gear_dao2022", {std::move(result)}};
}

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& name) {
  const auto packed = folder / (name + ".txt.gz");
  return std::filesystem::exists(packed) ? packed : folder / (name + ".txt");
}

Result<ProtocolResult> evaluate_subset(const EvaluateOptions& options, const std::string& subset) {
  const auto& train_folder = options.train.empty() ? options.data : options.train;
  MW_ASSIGN(const auto train_units, read_turbofan_units(file_of(train_folder, "train_" + subset)));
  MW_ASSIGN(const auto test_units, read_turbofan_units(file_of(options.data, "test_" + subset)));
  MW_ASSIGN(const auto lives, read_true_lives(file_of(options.data, "RUL_" + subset)));
  std::vector<double> truth;
  for (const ml::TurbofanUnit& unit : test_units) {
    const auto life = lives.find(unit.unit);
    if (life == lives.end()) {
      return invalid_argument("RUL_" + subset + " has no line for test unit " +
                              std::to_string(unit.unit));
    }
    truth.push_back(life->second);
  }
  ProtocolResult result;
  result.name = subset;
  result.split = "training units train; the last cycle of each test unit of the folder is tested";
  result.n = test_units.size();
  result.seed = options.seed;
  std::vector<std::map<std::string, double>> runs;
  for (std::uint32_t seed = options.seed; seed < options.seed + kSeeds; ++seed) {
    MW_ASSIGN(const ml::TrainedRul trained,
              ml::train_rul(train_units, turbofan_inputs(), seed, {}));
    MW_ASSIGN(const ml::RulModel model, ml::RulModel::load(trained.file));
    MW_ASSIGN(const ml::RulScore s, ml::score_rul(model, test_units, truth));
    say(subset + " seed " + std::to_string(seed) + ": RMSE capped " +
        std::to_string(s.rmse_capped) + ", coverage " + std::to_string(s.coverage));
    runs.push_back({{"rmse_capped", s.rmse_capped},
                    {"rmse_raw", s.rmse_raw},
                    {"phm08", s.phm08},
                    {"coverage", s.coverage},
                    {"width", s.width}});
    result.baseline = {{"rmse_capped", s.baseline_rmse_capped}, {"rmse_raw", s.baseline_rmse_raw}};
  }
  result.metrics = over_seeds(runs);
  return result;
}

Result<EvaluationReport> evaluate_cmapss(const EvaluateOptions& options) {
  MW_TRY(need_data(options));
  EvaluationReport report{"cmapss", {}};
  double inside = 0.0;
  double units = 0.0;
  for (const char* subset : kSubsets) {
    if (!std::filesystem::exists(file_of(options.data, std::string("test_") + subset))) continue;
    MW_ASSIGN(ProtocolResult result, evaluate_subset(options, subset));
    inside += result.metrics["coverage"] * static_cast<double>(result.n);
    units += static_cast<double>(result.n);
    report.protocols.push_back(std::move(result));
  }
  if (report.protocols.empty()) {
    return not_found("folder " + quote(options.data.string()) +
                     " has none of test_FD001.txt to test_FD004.txt (plain or .gz)");
  }
  ProtocolResult pooled;
  pooled.name = "pooled";
  pooled.split = "all test units of all subsets";
  pooled.n = static_cast<std::size_t>(units);
  pooled.seed = options.seed;
  pooled.metrics = {{"coverage", inside / units}};
  report.protocols.push_back(std::move(pooled));
  return report;
}

}  // namespace

int evaluate_command(const EvaluateOptions& options) {
  Result<EvaluationReport> report =
      options.name == "gear"           ? evaluate_gear(options)
      : options.name == "gear_dao2022" ? evaluate_gear_dao2022(options)
      : options.name == "cmapss"       ? evaluate_cmapss(options)
                                       : Result<EvaluationReport>(invalid_argument(
                                             "there is no protocol " + quote(options.name) +
                                             ": choose gear, gear_dao2022 or cmapss"));
  if (!report) {
    std::cerr << "millwright evaluate: " << report.error().message << '\n';
    return 1;
  }
  std::cout << (options.json ? to_json_line(*report) + "\n" : to_table(*report)) << std::flush;
  return 0;
}

}  // namespace millwright
