#include "ml/rul/rul_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "ml/rul/rul_parts.h"

namespace millwright::ml {
namespace {

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2g", value);
  return buffer.data();
}

double moved_since_new(const RulState& state, std::size_t sensor) {
  return state.averages[2][sensor] - state.start[sensor];
}

/// Cycles that each sensor took off or put on: its own features, and its part in the indicators,
/// which is shared out by how much each sensor moved them.
std::vector<double> effects(std::span<const float> contributions, const RulState& state,
                            const HealthIndicators& indicators) {
  std::vector<double> effect(state.start.size(), 0.0);
  for (std::size_t s = 0; s < effect.size(); ++s) {
    for (std::size_t k = 0; k < kPerSensor; ++k) effect[s] += contributions[kPerSensor * s + k];
  }
  for (std::size_t i = 0; i < indicators.count(); ++i) {
    const auto part =
        contributions.subspan(kPerSensor * effect.size() + kPerIndicator * i, kPerIndicator);
    const double cycles = std::accumulate(part.begin(), part.end(), 0.0);
    std::vector<double> share(effect.size());
    for (std::size_t s = 0; s < share.size(); ++s) {
      share[s] = std::abs(indicators.weight(i, s) * moved_since_new(state, s));
    }
    const double all = std::accumulate(share.begin(), share.end(), 0.0);
    for (std::size_t s = 0; s < share.size() && all > 0.0; ++s)
      effect[s] += cycles * share[s] / all;
  }
  return effect;
}

/// The two sensors that took most cycles off the estimate.
std::string blame(const std::vector<std::string>& inputs, const std::vector<double>& effect,
                  const RulState& state) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return effect[a] < effect[b]; });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, order.size()); ++i) {
    const std::size_t s = order[i];
    if (effect[s] > -1.0) break;
    const double moved = moved_since_new(state, s);
    text += (text.empty() ? "" : ", ") + inputs[s] + " has moved " +
            (moved >= 0.0 ? "up " : "down ") + shown(std::abs(moved)) +
            " σ since this unit was new (" + shown(effect[s]) + " cycles)";
  }
  return text;
}

std::string reason_of(const RulEstimate& e, const std::string& blamed) {
  std::string text;
  if (e.is_beyond_sight()) {
    text = "at least " + std::to_string(std::lround(e.lower)) +
           " cycles left; wear cannot be seen yet";
  } else {
    text = "about " + std::to_string(std::lround(e.value)) + " cycles left (" +
           std::to_string(std::lround(e.lower)) + " to " + std::to_string(std::lround(e.upper)) +
           " with 90 %)";
  }
  return blamed.empty() ? text : text + ": " + blamed;
}

}  // namespace

double RulInterval::half_width(double predicted) const {
  const double last = static_cast<double>(half_widths.size() - 1);
  const double at = std::clamp(predicted / kIntervalBand - 0.5, 0.0, last);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, half_widths.size() - 1);
  return std::lerp(half_widths[low], half_widths[high], at - static_cast<double>(low));
}

RulModel::RulModel(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
RulModel::RulModel(RulModel&&) noexcept = default;
RulModel& RulModel::operator=(RulModel&&) noexcept = default;
RulModel::~RulModel() = default;

const std::vector<std::string>& RulModel::inputs() const { return parts_->inputs; }
const ModelInfo& RulModel::info() const { return parts_->info; }
double RulModel::mean_training_label() const { return parts_->mean_label; }

Result<RulModel> RulModel::load(std::span<const std::byte> bytes) {
  MW_ASSIGN(ModelFile file, read_model_file(bytes, "turbofan_rul", kRulSchema));
  std::vector<std::string> inputs;
  RulInterval interval;
  double mean_label = 0.0;
  nlohmann::json scales_json, indicators_json, smooth_json;
  try {
    const nlohmann::json& p = file.info.parameters;
    inputs = p.at("inputs").get<std::vector<std::string>>();
    interval.half_widths = p.at("interval_half_widths").get<std::vector<double>>();
    mean_label = p.at("mean_label").get<double>();
    scales_json = p.at("regimes");
    indicators_json = p.at("health_indicators");
    smooth_json = p.at("smooth");
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument,
                 "RUL model lacks inputs, regimes or interval: train it again", e.what()};
  }
  const bool good = !inputs.empty() && inputs.size() <= 1000 && !interval.half_widths.empty() &&
                    std::all_of(interval.half_widths.begin(), interval.half_widths.end(),
                                [](double w) { return std::isfinite(w) && w >= 0.0; });
  if (!good) return invalid_argument("RUL model has parameters of a wrong shape: train it again");
  MW_ASSIGN(RegimeScales scales, RegimeScales::from_json(scales_json, inputs.size()));
  MW_ASSIGN(HealthIndicators indicators,
            HealthIndicators::from_json(indicators_json, inputs.size()));
  MW_ASSIGN(SmoothRegression smooth,
            SmoothRegression::from_json(smooth_json, kPerIndicator * indicators.count() + 1));
  MW_ASSIGN(Booster trees,
            Booster::load(file.body, rul_columns(inputs.size(), indicators.count()), 1));
  return RulModel(std::make_shared<const Parts>(Parts{
      std::move(file.info), std::move(inputs),
      RulEstimator{std::move(scales), std::move(indicators), std::move(trees), std::move(smooth)},
      std::move(interval), mean_label}));
}

struct RulTracker::State : RulState {};

RulTracker::RulTracker(const RulModel& model)
    : parts_(model.parts_), state_(std::make_unique<State>()) {}
RulTracker::RulTracker(RulTracker&&) noexcept = default;
RulTracker& RulTracker::operator=(RulTracker&&) noexcept = default;
RulTracker::~RulTracker() = default;

void RulTracker::reset() {
  *state_ = State{};
  last_cycle_ = 0.0;
}

Result<> RulTracker::advance(double cycle, std::span<const double> sensors,
                             std::span<const double> settings) {
  const auto finite = [](double v) { return std::isfinite(v); };
  if (sensors.size() != parts_->inputs.size()) {
    return invalid_argument("observation has " + std::to_string(sensors.size()) +
                            " sensors, the model takes " + std::to_string(parts_->inputs.size()));
  }
  if (!settings.empty() && settings.size() != 3) {
    return invalid_argument("observation has " + std::to_string(settings.size()) +
                            " operating settings: give 3, or none");
  }
  if (settings.empty() && parts_->estimator.scales.has_regimes()) {
    return invalid_argument(
        "the model knows several operating regimes: give the three operating settings");
  }
  if (!std::isfinite(cycle) || !std::all_of(sensors.begin(), sensors.end(), finite) ||
      !std::all_of(settings.begin(), settings.end(), finite)) {
    return invalid_argument("observation has a value that is not finite: send numbers only");
  }
  if (cycle <= last_cycle_) reset();
  last_cycle_ = cycle;
  std::vector<double> z(sensors.size());
  const auto key = parts_->estimator.scales.has_regimes() ? RegimeScales::key_of(settings)
                                                          : RegimeScales::Key{0, 0};
  parts_->estimator.scales.normalise(key, sensors, z);
  take_cycle(*state_, z);
  return {};
}

Result<> RulTracker::follow(double cycle, std::span<const double> sensors,
                            std::span<const double> settings) {
  return advance(cycle, sensors, settings);
}

Result<RulEstimate> RulTracker::observe(double cycle, std::span<const double> sensors,
                                        std::span<const double> settings) {
  MW_TRY(advance(cycle, sensors, settings));
  const RulEstimator& estimator = parts_->estimator;
  const std::vector<float> row = rul_features(*state_, estimator.indicators, cycle);
  MW_ASSIGN(const std::vector<double> predicted, estimator.predict(row));
  MW_ASSIGN(const std::vector<float> contributions, estimator.trees.contributions(row));
  RulEstimate out;
  out.cap = kRulCap;
  out.value = predicted[0];
  const double half = parts_->interval.half_width(out.value);
  out.lower = std::max(0.0, out.value - half);
  out.upper = std::min(kRulCap, out.value + half);
  const auto effect = effects(contributions, *state_, estimator.indicators);
  out.reason = reason_of(out, blame(parts_->inputs, effect, *state_));
  return out;
}

}  // namespace millwright::ml
