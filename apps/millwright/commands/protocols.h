#pragma once
/// The protocols of the public data sets, one function each, one file a kind of machine.
///
/// Each reads the data set's own files from `options.data` and scores what the product ships: no
/// setting is chosen for a data set. Progress goes to standard error.
/// Errors: kNotFound for a folder without the files; kInvalidArgument naming file, line and column.

#include <functional>

#include "apps/millwright/commands/evaluate_command.h"
#include "apps/millwright/commands/evaluation_report.h"
#include "base/result.h"

namespace millwright {

Result<EvaluationReport> evaluate_gear(const EvaluateOptions& options);  // simulated: no folder
Result<EvaluationReport> evaluate_gear_dao2022(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_gearbox_spectraquest(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_cwru(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_hydraulic_zema(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_skab(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_nab(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_occupancy_uci(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_ucr_samples(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_ai4i2020(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_ims_bearings(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_pronostia(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_cmapss(const EvaluateOptions& options);
Result<EvaluationReport> evaluate_azure_pdm(const EvaluateOptions& options);

/// What one seed gives.
struct SeedScore {
  std::size_t n = 0;  ///< Windows, cycles or rows tested.
  std::map<std::string, double> metrics;
  std::map<std::string, double> baseline;
};

/// Five seeds from `options.seed` on, each told as it is done: means, and spreads as KEY_spread.
Result<ProtocolResult> over_five_seeds(
    const EvaluateOptions& options, std::string name, std::string split,
    const std::function<Result<SeedScore>(std::uint32_t seed)>& score);

/// A line on standard error, so that --json stays one line.
void say(const std::string& line);

/// The names of the regular files in a folder, sorted. Errors: kNotFound.
Result<std::vector<std::string>> files_in(const std::filesystem::path& folder);

}  // namespace millwright
