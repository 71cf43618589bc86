#include "ml/rul/rul_estimator.h"

#include <algorithm>
#include <set>

namespace millwright::ml {
namespace {

/// The smooth part learns from every third cycle: neighbours share nearly all of their averages.
constexpr std::size_t kSmoothStep = 3;

TreeParameters rul_tree_parameters(std::uint32_t seed) {
  return {.classes = 0,
          .rounds = 350,
          .depth = 4,
          .eta = 0.04,
          .subsample = 0.6,
          .column_share = 0.4,
          .min_child_weight = 30.0,
          .lambda = 5.0,
          .seed = seed};
}

RegimeScales::Key key_of(const RegimeScales& scales, const TurbofanUnit& unit, std::size_t row) {
  return scales.has_regimes() ? RegimeScales::key_of(settings_of(unit, row))
                              : RegimeScales::Key{0, 0};
}

RegimeScales scales_of(std::span<const TurbofanUnit> units, std::size_t sensors) {
  // One regime only where rounding says so; then settings are not asked for later.
  std::set<RegimeScales::Key> keys;
  for (const TurbofanUnit& unit : units) {
    for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
      keys.insert(RegimeScales::key_of(settings_of(unit, i)));
    }
  }
  RegimeScales scales(sensors);
  for (const TurbofanUnit& unit : units) {
    for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
      const auto key =
          keys.size() > 1 ? RegimeScales::key_of(settings_of(unit, i)) : RegimeScales::Key{0, 0};
      scales.add(key, std::span(unit.sensors).subspan(i * sensors, sensors));
    }
  }
  scales.finish();
  return scales;
}

/// Calls take(unit, row, state, z) for every cycle, after it was taken in.
template <typename Take>
void follow_units(std::span<const TurbofanUnit> units, const RegimeScales& scales,
                  const Take& take) {
  for (const TurbofanUnit& unit : units) {
    const std::size_t sensors = unit.sensors.size() / unit.cycle.size();
    std::vector<double> z(sensors);
    RulState state;
    for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
      scales.normalise(key_of(scales, unit, i),
                       std::span(unit.sensors).subspan(i * sensors, sensors), z);
      take_cycle(state, z);
      take(unit, i, state, z);
    }
  }
}

float label_of(const TurbofanUnit& unit, std::size_t row) {
  return static_cast<float>(std::min(kRulCap, unit.cycle.back() - unit.cycle[row]));
}

HealthIndicators indicators_of(std::span<const TurbofanUnit> units, const RegimeScales& scales,
                               std::size_t sensors) {
  std::vector<double> raw, smoothed;
  std::vector<float> labels;
  follow_units(units, scales,
               [&](const TurbofanUnit& unit, std::size_t row, const RulState& state,
                   const std::vector<double>& z) {
                 raw.insert(raw.end(), z.begin(), z.end());
                 smoothed.insert(smoothed.end(), state.averages[1].begin(),
                                 state.averages[1].end());
                 labels.push_back(label_of(unit, row));
               });
  return HealthIndicators::fit(raw, smoothed, labels, sensors);
}

RulRows make_rows(std::span<const TurbofanUnit> units, const RegimeScales& scales,
                  const HealthIndicators& indicators) {
  RulRows rows;
  follow_units(units, scales,
               [&](const TurbofanUnit& unit, std::size_t row, const RulState& state,
                   const std::vector<double>&) {
                 if (row == 0) rows.begin.push_back(rows.labels.size());
                 const auto features = rul_features(state, indicators, unit.cycle[row]);
                 rows.values.insert(rows.values.end(), features.begin(), features.end());
                 rows.labels.push_back(label_of(unit, row));
               });
  rows.begin.push_back(rows.labels.size());
  const double mean_length =
      static_cast<double>(rows.labels.size()) / static_cast<double>(units.size());
  for (const TurbofanUnit& unit : units) {
    const std::size_t first = std::min(kEarliestCut, unit.cycle.size() - 1);
    const double asked = static_cast<double>(unit.cycle.size() - first);
    rows.weights.insert(rows.weights.end(), first, 0.0F);
    rows.weights.insert(rows.weights.end(), unit.cycle.size() - first,
                        static_cast<float>(mean_length / asked));
  }
  return rows;
}

/// What the smooth part sees of a row: indicators and cycle, without the noisier single sensors.
std::span<const float> smooth_part(std::span<const float> row, std::size_t indicators) {
  return row.last(kPerIndicator * indicators + 1);
}

SmoothRegression train_smooth(const RulRows& rows, std::size_t indicators, std::uint32_t seed) {
  const std::size_t columns = rows.values.size() / rows.labels.size();
  std::vector<float> values, labels, weights;
  for (std::size_t i = 0; i < rows.labels.size(); i += kSmoothStep) {
    const auto part = smooth_part(std::span(rows.values).subspan(i * columns, columns), indicators);
    values.insert(values.end(), part.begin(), part.end());
    labels.push_back(rows.labels[i]);
    weights.push_back(rows.weights[i]);
  }
  return SmoothRegression::train(values, values.size() / labels.size(), labels, weights, seed);
}

}  // namespace

std::span<const double> settings_of(const TurbofanUnit& unit, std::size_t row) {
  if (unit.settings.empty()) return {};
  return unit.settings[row];
}

Result<RulEstimator> RulEstimator::train(std::span<const TurbofanUnit> units, std::size_t sensors,
                                         std::uint32_t seed) {
  RegimeScales scales = scales_of(units, sensors);
  HealthIndicators indicators = indicators_of(units, scales, sensors);
  const RulRows rows = make_rows(units, scales, indicators);
  const std::size_t columns = rul_columns(sensors, indicators.count());
  MW_ASSIGN(Booster trees, Booster::train(rows.values, columns, rows.labels,
                                          rul_tree_parameters(seed), rows.weights));
  SmoothRegression smooth = train_smooth(rows, indicators.count(), seed);
  return RulEstimator{std::move(scales), std::move(indicators), std::move(trees),
                      std::move(smooth)};
}

RulRows RulEstimator::rows_of(std::span<const TurbofanUnit> units) const {
  return make_rows(units, scales, indicators);
}

Result<std::vector<double>> RulEstimator::predict(std::span<const float> rows) const {
  MW_ASSIGN(const std::vector<float> scores, trees.scores(rows));
  const std::size_t columns = trees.columns();
  std::vector<double> out;
  out.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto row = rows.subspan(i * columns, columns);
    const double even = smooth.predict(smooth_part(row, indicators.count()));
    out.push_back(0.5 *
                  (std::clamp<double>(scores[i], 0.0, kRulCap) + std::clamp(even, 0.0, kRulCap)));
  }
  return out;
}

}  // namespace millwright::ml
