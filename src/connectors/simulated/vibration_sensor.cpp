#include "connectors/simulated/vibration_sensor.h"

#include "connectors/simulated/sensor_factory.h"

namespace millwright::simulated {
namespace {

Waveform to_block(const std::vector<double>& values, std::int64_t end_us) {
  Waveform block;
  block.sample_rate_hz = kBurstRateHz;
  block.start_us = end_us - static_cast<std::int64_t>(kBurstLength * 1e6 / kBurstRateHz);
  block.value.assign(values.begin(), values.end());
  return block;
}

SampleColumns one_sample(std::int64_t at_us, double value) {
  SampleColumns samples;
  samples.append(at_us, value);
  return samples;
}

MetricDescription describe(const SensorSpec& spec, const char* suffix, const char* name,
                           const std::string& unit, MetricType type) {
  const std::string base =
      spec.display_name.empty() ? readable_name(spec.identifier) : spec.display_name;
  return {spec.path, spec.identifier + suffix, unit, base + name, type};
}

}  // namespace

Result<std::unique_ptr<VibrationSensor>> VibrationSensor::create(const SensorSpec& spec,
                                                                 Moment start) {
  signal::GearVibrationParams params;
  auto condition = signal::parse_gear_condition(spec.fault_type);
  if (!condition) return invalid_argument("fault_type: " + condition.error().message);
  params.condition = *condition;
  params.speed_hz = spec.speed_hz;
  params.load_nm = spec.load_nm;
  params.seed = sensor_seed(spec);
  params.sample_rate_hz = kBurstRateHz;
  MW_ASSIGN(auto gear, signal::GearVibration::create(params));
  return std::unique_ptr<VibrationSensor>(new VibrationSensor(spec, std::move(gear), start));
}

VibrationSensor::VibrationSensor(const SensorSpec& spec, signal::GearVibration gear, Moment start)
    : metrics_{describe(spec, ".x_axis", ", x axis", spec.unit.empty() ? "mm" : spec.unit,
                        MetricType::kWaveform),
               describe(spec, ".y_axis", ", y axis", spec.unit.empty() ? "mm" : spec.unit,
                        MetricType::kWaveform),
               describe(spec, ".speed", ", speed", "rev/s", MetricType::kNumericScalar),
               describe(spec, ".load", ", load", "Nm", MetricType::kNumericScalar)},
      gear_(std::move(gear)),
      pause_s_(spec.sampling_interval_s - kBurstLength / kBurstRateHz),
      schedule_(start.steady, interval_of(spec)) {}

Result<std::vector<Reading>> VibrationSensor::read(Moment now) {
  std::vector<Reading> readings;
  if (!schedule_.is_due(now)) return readings;
  const std::int64_t at_us = now.wall_us_at(schedule_.due());
  const signal::GearBurst burst = gear_.generate(kBurstLength);
  gear_.skip(pause_s_);
  schedule_.advance(now);
  readings.push_back({0, to_block(burst.x_axis, at_us)});
  readings.push_back({1, to_block(burst.y_axis, at_us)});
  readings.push_back({2, one_sample(at_us, gear_.params().speed_hz)});
  readings.push_back({3, one_sample(at_us, gear_.params().load_nm)});
  return readings;
}

}  // namespace millwright::simulated
