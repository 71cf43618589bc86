#include "ml/rul/rul_features.h"

#include <algorithm>
#include <cmath>

namespace millwright::ml {
namespace {

constexpr double kFast = 0.12;
constexpr double kSlow = 0.03;
constexpr double kStartCycles = 15.0;
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

std::vector<float> next_rul_features(RulState& state, std::span<const double> z, double cycle) {
  const std::size_t n = z.size();
  if (state.observed == 0.0) {
    state.fast.assign(n, 0.0);
    state.slow.assign(n, 0.0);
    state.start.assign(n, 0.0);
  }
  state.observed += 1.0;
  // Averages over what there is, until the exponential window is full.
  const double fast = std::max(kFast, 1.0 / state.observed);
  const double slow = std::max(kSlow, 1.0 / state.observed);
  const bool starting = state.observed <= kStartCycles;
  std::vector<float> out;
  out.reserve(3 * n + 1);
  for (std::size_t s = 0; s < n; ++s) {
    state.fast[s] += fast * (z[s] - state.fast[s]);
    state.slow[s] += slow * (z[s] - state.slow[s]);
    if (starting) state.start[s] += (z[s] - state.start[s]) / state.observed;
    out.push_back(static_cast<float>(state.fast[s]));
    out.push_back(static_cast<float>(state.fast[s] - state.slow[s]));
    out.push_back(static_cast<float>(state.fast[s] - state.start[s]));
  }
  out.push_back(static_cast<float>(cycle));
  return out;
}

std::vector<std::string> rul_feature_names(const std::vector<std::string>& inputs) {
  std::vector<std::string> names;
  for (const std::string& input : inputs) {
    for (const char* kind : {"_level", "_trend", "_wear"}) names.push_back(input + kind);
  }
  names.emplace_back("cycle");
  return names;
}

}  // namespace millwright::ml
