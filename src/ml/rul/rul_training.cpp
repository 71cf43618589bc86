#include "ml/rul/rul_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ml/evaluation/regression.h"
#include "ml/rul/rul_parts.h"
#include "signal/random.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kFolds = 5;
constexpr auto kBands = static_cast<std::size_t>(kRulCap / kIntervalBand);
constexpr double kLevel = 0.9;
constexpr int kDraws = 101;

/// The truth of every cycle, and what an estimator says that has not seen its unit.
struct OutOfFold {
  std::vector<double> predicted;
  std::vector<double> truth;
  std::vector<std::size_t> begin;  ///< First row of each unit; one more at the end.
};

Result<> check_units(std::span<const TurbofanUnit> units, std::size_t inputs) {
  if (units.size() < 10) {
    return invalid_argument(
        "training a RUL model needs at least 10 units from new to failure, got " +
        std::to_string(units.size()));
  }
  for (const TurbofanUnit& unit : units) {
    const std::size_t n = unit.cycle.size();
    if (n < 2 || unit.sensors.size() != n * inputs ||
        (!unit.settings.empty() && unit.settings.size() != n)) {
      return invalid_argument("unit " + std::to_string(unit.unit) +
                              " has columns of different lengths or fewer than 2 cycles");
    }
  }
  return {};
}

/// Each fold is predicted by what the others teach, from the scales on.
Result<OutOfFold> out_of_fold(std::span<const TurbofanUnit> units, std::size_t inputs,
                              std::uint32_t seed, const Progress& progress) {
  std::vector<std::vector<double>> predicted(units.size());
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<TurbofanUnit> train;
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (u % kFolds != fold) train.push_back(units[u]);
    }
    if (progress) {
      progress("fold " + std::to_string(fold + 1) + " of " + std::to_string(kFolds) + ": " +
               std::to_string(train.size()) + " units");
    }
    MW_ASSIGN(const RulEstimator estimator, RulEstimator::train(train, inputs, seed));
    for (std::size_t u = fold; u < units.size(); u += kFolds) {
      MW_ASSIGN(predicted[u], estimator.predict(estimator.rows_of(units.subspan(u, 1)).values));
    }
  }
  OutOfFold out;
  for (std::size_t u = 0; u < units.size(); ++u) {
    out.begin.push_back(out.truth.size());
    out.predicted.insert(out.predicted.end(), predicted[u].begin(), predicted[u].end());
    for (const double cycle : units[u].cycle) {
      out.truth.push_back(std::min(kRulCap, units[u].cycle.back() - cycle));
    }
  }
  out.begin.push_back(out.truth.size());
  return out;
}

/// One row of each unit, cut at a random moment of its life, as test engines are.
std::vector<std::size_t> draw_cuts(const OutOfFold& rows, signal::RandomSource& random) {
  std::vector<std::size_t> cuts;
  for (std::size_t u = 0; u + 1 < rows.begin.size(); ++u) {
    const std::size_t length = rows.begin[u + 1] - rows.begin[u];
    const std::size_t first = std::min(kEarliestCut, length - 1);
    cuts.push_back(rows.begin[u] + first + random.below(length - first));
  }
  return cuts;
}

/// Rows of each unit whose prediction lies in a band; units without any are left out.
std::vector<std::vector<std::size_t>> rows_in_band(const OutOfFold& rows, std::size_t band) {
  std::vector<std::vector<std::size_t>> found;
  for (std::size_t u = 0; u + 1 < rows.begin.size(); ++u) {
    std::vector<std::size_t> inside;
    for (std::size_t i = rows.begin[u]; i < rows.begin[u + 1]; ++i) {
      const auto of = static_cast<std::size_t>(rows.predicted[i] / kIntervalBand);
      if (std::min(of, kBands - 1) == band) inside.push_back(i);
    }
    if (!inside.empty()) found.push_back(std::move(inside));
  }
  return found;
}

RulInterval fit_interval(const OutOfFold& rows, std::uint32_t seed) {
  signal::RandomSource random(seed);
  RulInterval interval;
  for (std::size_t band = 0; band < kBands; ++band) {
    const auto units = rows_in_band(rows, band);
    if (units.empty()) {  // never predicted: as wide as the band before
      interval.half_widths.push_back(band == 0 ? kRulCap : interval.half_widths.back());
      continue;
    }
    // One residual of each unit: rows of one engine are not exchangeable. The median over many
    // draws takes the chance of a single draw out.
    std::vector<double> quantiles;
    for (int draw = 0; draw < kDraws; ++draw) {
      std::vector<double> residuals;
      for (const auto& inside : units) {
        const std::size_t i = inside[random.below(inside.size())];
        residuals.push_back(std::abs(rows.predicted[i] - rows.truth[i]));
      }
      quantiles.push_back(conformal_quantile(residuals, kLevel));
    }
    interval.half_widths.push_back(signal::median(quantiles));
  }
  return interval;
}

double drawn_coverage(const OutOfFold& rows, const RulInterval& interval, std::uint32_t seed) {
  signal::RandomSource random(seed + 1);
  double inside = 0.0;
  double all = 0.0;
  for (int draw = 0; draw < kDraws; ++draw) {
    for (const std::size_t i : draw_cuts(rows, random)) {
      inside +=
          std::abs(rows.predicted[i] - rows.truth[i]) <= interval.half_width(rows.predicted[i]);
      all += 1.0;
    }
  }
  return inside / all;
}

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
  return buffer.data();
}

}  // namespace

Result<TrainedRul> train_rul(std::span<const TurbofanUnit> units,
                             const std::vector<std::string>& inputs, std::uint32_t seed,
                             const Progress& progress) {
  MW_TRY(check_units(units, inputs.size()));
  MW_ASSIGN(const OutOfFold judged, out_of_fold(units, inputs.size(), seed, progress));
  const RulInterval interval = fit_interval(judged, seed);

  TrainedRul out;
  out.rows = judged.truth.size();
  out.out_of_fold_rmse = rmse(judged.predicted, judged.truth);
  out.out_of_fold_coverage = drawn_coverage(judged, interval, seed);
  if (progress) {
    progress("out of fold: RMSE " + shown(out.out_of_fold_rmse) + " cycles, coverage of the 90 % " +
             "interval " + shown(out.out_of_fold_coverage));
    progress("training on all " + std::to_string(out.rows) + " cycles of " +
             std::to_string(units.size()) + " units");
  }
  MW_ASSIGN(const RulEstimator estimator, RulEstimator::train(units, inputs.size(), seed));
  ModelFile file;
  file.info.kind = "turbofan_rul";
  file.info.feature_schema = std::string(kRulSchema);
  const RulRows rows = estimator.rows_of(units);
  file.info.training_fingerprint = blake2b_hex(std::as_bytes(std::span(rows.values)));
  file.info.metrics = {{"out_of_fold_rmse", out.out_of_fold_rmse},
                       {"out_of_fold_coverage", out.out_of_fold_coverage},
                       {"units", static_cast<double>(units.size())}};
  file.info.parameters = {{"inputs", inputs},
                          {"regimes", estimator.scales.to_json()},
                          {"health_indicators", estimator.indicators.to_json()},
                          {"smooth", estimator.smooth.to_json()},
                          {"interval_half_widths", interval.half_widths},
                          {"mean_label", signal::mean(judged.truth)},
                          {"cap", kRulCap},
                          {"seed", seed}};
  MW_ASSIGN(file.body, estimator.trees.save());
  out.file = write_model_file(file);
  return out;
}

Result<RulScore> score_rul(const RulModel& model, std::span<const TurbofanUnit> units,
                           std::span<const double> truth) {
  if (units.empty() || units.size() != truth.size()) {
    return invalid_argument("scoring needs one true life a unit, got " +
                            std::to_string(truth.size()) + " for " + std::to_string(units.size()) +
                            " units");
  }
  const std::size_t inputs = model.inputs().size();
  std::vector<double> predicted;
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> capped;
  RulScore score;
  for (std::size_t u = 0; u < units.size(); ++u) {
    RulTracker tracker(model);
    const TurbofanUnit& unit = units[u];
    const auto row = [&](std::size_t i) {
      return std::span(unit.sensors).subspan(i * inputs, inputs);
    };
    if (unit.cycle.empty() || unit.sensors.size() != unit.cycle.size() * inputs) {
      return invalid_argument("unit " + std::to_string(unit.unit) + " has no whole cycle");
    }
    const std::size_t last = unit.cycle.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
      MW_TRY(tracker.follow(unit.cycle[i], row(i), settings_of(unit, i)));
    }
    MW_ASSIGN(const RulEstimate estimate,
              tracker.observe(unit.cycle[last], row(last), settings_of(unit, last)));
    predicted.push_back(estimate.value);
    lower.push_back(estimate.lower);
    upper.push_back(estimate.upper);
    capped.push_back(std::min(kRulCap, truth[u]));
    score.width += (estimate.upper - estimate.lower) / static_cast<double>(units.size());
  }
  const std::vector<double> constant(units.size(), model.mean_training_label());
  score.n = units.size();
  score.rmse_capped = rmse(predicted, capped);
  score.rmse_raw = rmse(predicted, truth);
  score.phm08 = phm08_score(predicted, truth);
  score.coverage = coverage(lower, upper, capped);
  score.baseline_rmse_capped = rmse(constant, capped);
  score.baseline_rmse_raw = rmse(constant, truth);
  return score;
}

}  // namespace millwright::ml
