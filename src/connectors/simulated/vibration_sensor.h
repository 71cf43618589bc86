#pragma once
/// A gear with a fault: at each interval a burst of 1,024 samples of both axes, 200 us apart, that
/// ends at that moment, and the operating point as two scalars.

#include "connectors/connector.h"
#include "connectors/sensor_spec.h"
#include "signal/gear_vibration.h"

namespace millwright::simulated {

inline constexpr std::size_t kBurstLength = 1'024;
inline constexpr double kBurstRateHz = 5'000;

class VibrationSensor final : public Connector {
 public:
  /// Errors: kInvalidArgument naming fault_type, speed or load.
  static Result<std::unique_ptr<VibrationSensor>> create(const SensorSpec& spec, Moment start);

  std::span<const MetricDescription> metrics() const override { return metrics_; }
  std::chrono::steady_clock::time_point next_due() const override { return schedule_.due(); }
  Result<std::vector<Reading>> read(Moment now) override;

 private:
  VibrationSensor(const SensorSpec& spec, signal::GearVibration gear, Moment start);

  std::array<MetricDescription, 4> metrics_;  // x axis, y axis, speed, load
  signal::GearVibration gear_;
  double pause_s_;  ///< from the end of a burst to the start of the next one
  Schedule schedule_;
};

}  // namespace millwright::simulated
