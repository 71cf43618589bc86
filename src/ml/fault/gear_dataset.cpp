#include "ml/fault/gear_dataset.h"

#include <algorithm>

#include "base/text.h"
#include "ml/fault/gear_classifier.h"
#include "ml/features/gear_features.h"
#include "signal/gear_vibration.h"
#include "signal/statistics.h"

namespace millwright::ml {

const std::vector<std::string>& gear_classes() {
  static const std::vector<std::string> classes = [] {
    std::vector<std::string> out;
    for (const auto condition : signal::kGearConditions) out.emplace_back(to_string(condition));
    return out;
  }();
  return classes;
}

std::vector<GearRun> simulate_gear_runs(std::uint64_t seed, int specimens, std::size_t samples) {
  std::vector<GearRun> runs;
  for (const auto condition : signal::kGearConditions) {
    for (const double speed : signal::kGearSpeedsHz) {
      for (const double load : signal::kGearLoadsNm) {
        for (int specimen = 0; specimen < specimens; ++specimen) {
          auto vibration = signal::GearVibration::create(
              {.condition = condition,
               .speed_hz = speed,
               .load_nm = load,
               .seed = seed * 1000 + static_cast<std::uint64_t>(specimen)});
          signal::GearBurst burst = vibration->generate(samples);
          runs.push_back({.condition = std::string(to_string(condition)),
                          .speed_hz = speed,
                          .load_nm = load,
                          .x_axis = std::move(burst.x_axis),
                          .y_axis = std::move(burst.y_axis)});
        }
      }
    }
  }
  return runs;
}

Result<> add_windows(const GearRun& run, const Range& range, GearDataset& dataset) {
  MW_ASSIGN(const auto condition, signal::parse_gear_condition(run.condition));
  if (run.x_axis.size() != run.y_axis.size()) {
    return invalid_argument("run of " + quote(run.condition) + " has " +
                            std::to_string(run.x_axis.size()) + " samples on x and " +
                            std::to_string(run.y_axis.size()) + " on y: give both the same");
  }
  const std::span<const double> x = run.x_axis;
  const std::span<const double> y = run.y_axis;
  for (const std::size_t start : window_starts(range, kGearWindowSize, kGearWindowSize / 2)) {
    const auto wx = x.subspan(start, kGearWindowSize);
    const auto wy = y.subspan(start, kGearWindowSize);
    const std::vector<float> row = gear_features(wx, wy, run.sample_rate_hz);
    dataset.rows.insert(dataset.rows.end(), row.begin(), row.end());
    dataset.offsets.push_back(static_cast<float>(signal::mean(wx)));
    dataset.offsets.push_back(static_cast<float>(signal::mean(wy)));
    dataset.labels.push_back(static_cast<float>(condition));
  }
  return {};
}

TreeParameters gear_tree_parameters(std::uint32_t seed) {
  return {.classes = static_cast<int>(gear_classes().size()),
          .rounds = 120,
          .depth = 4,
          .eta = 0.12,
          .subsample = 0.8,
          .column_share = 0.4,
          .min_child_weight = 1.0,
          .lambda = 1.0,
          .seed = seed};
}

TreeParameters offset_tree_parameters(std::uint32_t seed) {
  TreeParameters parameters = gear_tree_parameters(seed);
  parameters.column_share = 1.0;
  return parameters;
}

}  // namespace millwright::ml
