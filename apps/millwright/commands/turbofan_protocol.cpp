/// cmapss: remaining useful life of turbofans.

#include <array>

#include "apps/millwright/commands/protocols.h"
#include "apps/millwright/commands/table_file.h"
#include "apps/millwright/commands/turbofan_file.h"
#include "base/text.h"
#include "ml/rul/rul_training.h"

namespace millwright {
namespace {

constexpr std::array<const char*, 4> kSubsets = {"FD001", "FD002", "FD003", "FD004"};

Result<ProtocolResult> evaluate_subset(const EvaluateOptions& options, const std::string& subset) {
  const auto& train_folder = options.train.empty() ? options.data : options.train;
  MW_ASSIGN(const auto train_units,
            read_turbofan_units(table_in(train_folder, "train_" + subset + ".txt")));
  MW_ASSIGN(const auto test_units,
            read_turbofan_units(table_in(options.data, "test_" + subset + ".txt")));
  MW_ASSIGN(const auto lives, read_true_lives(table_in(options.data, "RUL_" + subset + ".txt")));
  std::vector<double> truth;
  for (const ml::TurbofanUnit& unit : test_units) {
    const auto life = lives.find(unit.unit);
    if (life == lives.end()) {
      return invalid_argument("RUL_" + subset + " has no line for test unit " +
                              std::to_string(unit.unit));
    }
    truth.push_back(life->second);
  }
  return over_five_seeds(
      options, subset,
      "training units train; the last cycle of each test unit of the folder is tested",
      [&](std::uint32_t seed) -> Result<SeedScore> {
        MW_ASSIGN(const ml::TrainedRul trained,
                  ml::train_rul(train_units, turbofan_inputs(), seed, {}));
        MW_ASSIGN(const ml::RulModel model, ml::RulModel::load(trained.file));
        MW_ASSIGN(const ml::RulScore s, ml::score_rul(model, test_units, truth));
        return SeedScore{
            test_units.size(),
            {{"rmse_capped", s.rmse_capped},
             {"rmse_raw", s.rmse_raw},
             {"phm08", s.phm08},
             {"coverage", s.coverage},
             {"width", s.width}},
            {{"rmse_capped", s.baseline_rmse_capped}, {"rmse_raw", s.baseline_rmse_raw}}};
      });
}

}  // namespace

Result<EvaluationReport> evaluate_cmapss(const EvaluateOptions& options) {
  EvaluationReport report{"cmapss", {}};
  double inside = 0.0;
  double units = 0.0;
  for (const char* subset : kSubsets) {
    if (!std::filesystem::exists(table_in(options.data, std::string("test_") + subset + ".txt")))
      continue;
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

}  // namespace millwright
