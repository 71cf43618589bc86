#include "ml/rul/rul_features.h"

#include <algorithm>
#include <cmath>

namespace millwright::ml {
namespace {

constexpr double kStartCycles = 30.0;
constexpr double kSmallest = 1e-6;

}  // namespace

RegimeScales::Key RegimeScales::key_of(std::span<const double> settings) {
  if (settings.size() < 3) return {0, 0};
  return {std::lround(settings[0]), std::lround(settings[2])};
}

void RegimeScales::add(const Key& key, std::span<const double> row) {
  Scale& scale = scales_[key];
  scale.mean.resize(sensors_);
  scale.deviation.resize(sensors_);
  scale.n += 1.0;
  for (std::size_t s = 0; s < sensors_; ++s) {  // Welford 1962
    const double before = row[s] - scale.mean[s];
    scale.mean[s] += before / scale.n;
    scale.deviation[s] += before * (row[s] - scale.mean[s]);
  }
}

void RegimeScales::finish() {
  for (auto& [key, scale] : scales_) {
    for (double& d : scale.deviation) d = std::max(std::sqrt(d / scale.n), kSmallest);
  }
}

void RegimeScales::normalise(const Key& key, std::span<const double> row,
                             std::span<double> z) const {
  auto found = scales_.find(key);
  if (found == scales_.end()) {
    found = std::min_element(scales_.begin(), scales_.end(), [&](const auto& a, const auto& b) {
      return std::abs(a.first.first - key.first) < std::abs(b.first.first - key.first);
    });
  }
  const Scale& scale = found->second;
  for (std::size_t s = 0; s < sensors_; ++s) {
    z[s] = (row[s] - scale.mean[s]) / scale.deviation[s];
  }
}

nlohmann::json RegimeScales::to_json() const {
  nlohmann::json json = nlohmann::json::array();
  for (const auto& [key, scale] : scales_) {
    json.push_back({{"altitude", key.first},
                    {"throttle", key.second},
                    {"mean", scale.mean},
                    {"deviation", scale.deviation}});
  }
  return json;
}

Result<RegimeScales> RegimeScales::from_json(const nlohmann::json& json, std::size_t sensors) {
  RegimeScales out(sensors);
  try {
    for (const auto& entry : json) {
      Scale scale;
      scale.n = 1.0;
      scale.mean = entry.at("mean").get<std::vector<double>>();
      scale.deviation = entry.at("deviation").get<std::vector<double>>();
      const bool good = scale.mean.size() == sensors && scale.deviation.size() == sensors &&
                        std::all_of(scale.deviation.begin(), scale.deviation.end(),
                                    [](double d) { return d > 0.0; });
      if (!good) return invalid_argument("RUL model has scales of a wrong shape: train it again");
      out.scales_[{entry.at("altitude").get<long>(), entry.at("throttle").get<long>()}] =
          std::move(scale);
    }
  } catch (const nlohmann::json::exception& e) {
    return Error{ErrorCode::kInvalidArgument, "RUL model lacks its scales: train it again",
                 e.what()};
  }
  if (out.scales_.empty()) return invalid_argument("RUL model has no scales: train it again");
  return out;
}

void take_cycle(RulState& state, std::span<const double> z) {
  if (state.observed == 0.0) {
    for (auto& average : state.averages) average.assign(z.size(), 0.0);
    state.start.assign(z.size(), 0.0);
  }
  state.observed += 1.0;
  for (std::size_t k = 0; k < kAverages.size(); ++k) {
    // An average over what there is, until the exponential window is full.
    const double share = std::max(kAverages[k], 1.0 / state.observed);
    for (std::size_t s = 0; s < z.size(); ++s) {
      state.averages[k][s] += share * (z[s] - state.averages[k][s]);
    }
  }
  if (state.observed > kStartCycles) return;
  for (std::size_t s = 0; s < z.size(); ++s) {
    state.start[s] += (z[s] - state.start[s]) / state.observed;
  }
}

std::vector<float> rul_features(const RulState& state, const HealthIndicators& indicators,
                                double cycle) {
  const std::size_t sensors = state.start.size();
  std::vector<float> out;
  out.reserve(rul_columns(sensors, indicators.count()));
  const auto add = [&](double value) { out.push_back(static_cast<float>(value)); };
  for (std::size_t s = 0; s < sensors; ++s) {
    const double level = state.averages[1][s];
    add(level);
    add(level - state.averages[0][s]);
    add(level - state.start[s]);
  }
  for (std::size_t i = 0; i < indicators.count(); ++i) {
    std::array<double, kAverages.size()> average{};
    for (std::size_t k = 0; k < kAverages.size(); ++k) {
      average[k] = indicators.value(i, state.averages[k]);
      add(average[k]);
    }
    add(average[1] - indicators.value(i, state.start));
    add(average[2] - average[0]);
    add(average[1] - average[0]);
  }
  add(cycle);
  return out;
}

}  // namespace millwright::ml
