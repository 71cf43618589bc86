#pragma once
/// From sensors to features, cycle by cycle. Internal to ml/rul.

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ml/rul/health_indicators.h"

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

/// Shares that a new cycle has in the exponential averages, slow to fast.
inline constexpr std::array<double, 4> kAverages = {0.03, 0.06, 0.12, 0.25};

/// Running state of one unit: exponential averages and the mean of the first cycles.
struct RulState {
  std::array<std::vector<double>, kAverages.size()> averages;  ///< Each shape (sensors,).
  std::vector<double> start;                                   ///< Shape (sensors,).
  double observed = 0.0;
};

/// Takes in the next cycle's z-scores.
void take_cycle(RulState& state, std::span<const double> z);

/// Features of the cycle taken in last. Per sensor the level (an average), the trend (minus a
/// slower one) and the wear (minus the start); then per health indicator its four averages, the
/// wear and two trends; then the cycle. Shape (rul_columns(),).
std::vector<float> rul_features(const RulState& state, const HealthIndicators& indicators,
                                double cycle);
inline constexpr std::size_t kPerSensor = 3;
inline constexpr std::size_t kPerIndicator = kAverages.size() + 3;
inline constexpr std::size_t rul_columns(std::size_t sensors, std::size_t indicators) {
  return kPerSensor * sensors + kPerIndicator * indicators + 1;
}

}  // namespace millwright::ml
