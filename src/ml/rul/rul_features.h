#pragma once
/// From sensors to features, cycle by cycle. Internal to ml/rul.

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::ml {

inline constexpr double kRulCap = 125.0;

/// Mean and standard deviation of every sensor in every operating regime. A regime is a pair of
/// rounded settings (altitude and throttle of C-MAPSS); without settings there is one.
class RegimeScales {
 public:
  using Key = std::pair<long, long>;
  static Key key_of(std::span<const double> settings);

  explicit RegimeScales(std::size_t sensors) : sensors_(sensors) {}
  void add(const Key& key, std::span<const double> row);
  void finish();

  /// Writes z-scores; a regime never seen takes the nearest by altitude.
  void normalise(const Key& key, std::span<const double> row, std::span<double> z) const;
  bool has_regimes() const { return scales_.size() > 1; }

  nlohmann::json to_json() const;
  static Result<RegimeScales> from_json(const nlohmann::json& json, std::size_t sensors);

 private:
  struct Scale {
    double n = 0;
    std::vector<double> mean, deviation;
  };
  std::size_t sensors_;
  std::map<Key, Scale> scales_;
};

/// Running state of one unit: two exponential averages and the mean of the first cycles.
struct RulState {
  std::vector<double> fast, slow, start;
  double observed = 0.0;
};

/// Takes the next cycle's z-scores and returns its features: per sensor the fast average, the fast
/// minus the slow one (the trend) and the fast minus the start (the wear since new); then the
/// cycle. Shape (3 * sensors + 1,).
std::vector<float> next_rul_features(RulState& state, std::span<const double> z, double cycle);

/// Names in the order of the features: "s4_level", "s4_trend", "s4_wear", ..., "cycle".
std::vector<std::string> rul_feature_names(const std::vector<std::string>& inputs);

}  // namespace millwright::ml
