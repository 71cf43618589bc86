#pragma once
/// Training and scoring of the turbofan's remaining-useful-life model. Pure. Same units and seed,
/// same bytes.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ml/rul/rul_model.h"

namespace millwright::ml {

/// One engine, cycle by cycle.
struct TurbofanUnit {
  int unit = 0;
  std::vector<double> cycle;                    ///< Shape (n,), ascending.
  std::vector<std::array<double, 3>> settings;  ///< Shape (n,), or empty: one regime.
  std::vector<double> sensors;                  ///< Shape (n, inputs), row-major.
};

struct TrainedRul {
  std::vector<std::byte> file;        ///< What RulModel::load takes.
  double out_of_fold_rmse = 0.0;      ///< Capped, over all cycles, five folds by unit.
  double out_of_fold_coverage = 0.0;  ///< Of the 90 % interval, one cycle a unit, many draws.
  std::size_t rows = 0;
};

using Progress = std::function<void(const std::string& line)>;

/// Trains on units from new to failure (the last cycle is the failure). Each fold of units is
/// predicted by a model that has not seen them; those residuals make the interval.
/// Errors: kInvalidArgument with fewer than 10 units, or shapes that do not fit.
Result<TrainedRul> train_rul(std::span<const TurbofanUnit> units,
                             const std::vector<std::string>& inputs, std::uint32_t seed,
                             const Progress& progress);

struct RulScore {
  std::size_t n = 0;
  double rmse_capped = 0.0;  ///< Truth capped at 125.
  double rmse_raw = 0.0;
  double phm08 = 0.0;                 ///< On the raw truth.
  double coverage = 0.0;              ///< Of the capped truth.
  double width = 0.0;                 ///< Mean width of the interval.
  double baseline_rmse_capped = 0.0;  ///< Always the training's mean label.
  double baseline_rmse_raw = 0.0;
};
/// Judges the last cycle of every unit. truth shape (units,), remaining cycles after it.
/// Errors: kInvalidArgument when shapes do not fit.
Result<RulScore> score_rul(const RulModel& model, std::span<const TurbofanUnit> units,
                           std::span<const double> truth);

}  // namespace millwright::ml
