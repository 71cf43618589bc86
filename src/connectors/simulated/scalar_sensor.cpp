#include "connectors/simulated/scalar_sensor.h"

#include "connectors/simulated/sensor_factory.h"

namespace millwright::simulated {
namespace {

/// What a sensor of the type shows when nothing else is said.
struct Defaults {
  const char* unit;
  double offset;
  double std;
};

Defaults defaults_of(SensorType type) {
  if (type == SensorType::kHumidity) return {"%", 45.0, 0.10};
  return {"°C", 21.0, 0.05};
}

MetricDescription describe(const SensorSpec& spec) {
  MetricDescription metric;
  metric.path = spec.path;
  metric.metric_identifier = spec.identifier;
  metric.unit = spec.unit.empty() ? defaults_of(spec.type).unit : spec.unit;
  metric.display_name =
      spec.display_name.empty() ? readable_name(spec.identifier) : spec.display_name;
  return metric;
}

}  // namespace

ScalarSensor::ScalarSensor(const SensorSpec& spec, Moment start)
    : metric_(describe(spec)),
      offset_(spec.offset.value_or(defaults_of(spec.type).offset)),
      process_(spec.ar.value_or(std::vector<double>{1.60, -0.605}),
               spec.ma.value_or(std::vector<double>{0.3}),
               spec.std.value_or(defaults_of(spec.type).std), sensor_seed(spec)),
      disturbances_(spec.disturbances),
      anomalies_(spec.anomalies),
      random_(sensor_seed(spec) + 1),
      schedule_(start.steady, interval_of(spec)) {}

double ScalarSensor::next_value(std::int64_t at_us) {
  double value = offset_ + process_.next();
  for (const Disturbance& disturbance : disturbances_) {
    if (const auto* noise = std::get_if<WhiteNoise>(&disturbance)) {
      value += noise->mean + noise->std * random_.normal();
    } else if (const auto* spike = std::get_if<RandomSpike>(&disturbance)) {
      if (random_.uniform() < spike->probability) value += random_.uniform(spike->low, spike->high);
    } else if (const auto* drift = std::get_if<Drift>(&disturbance)) {
      if (count_ >= drift->start) value += drift->rate * static_cast<double>(count_ - drift->start);
    }
  }
  for (const InjectedAnomaly& anomaly : anomalies_) {
    if (at_us >= anomaly.start_us && at_us < anomaly.end_us) {
      value += anomaly.mean + anomaly.std * random_.normal();
    }
  }
  ++count_;
  return value;
}

Result<std::vector<Reading>> ScalarSensor::read(Moment now) {
  std::vector<Reading> readings;
  if (!schedule_.is_due(now)) return readings;
  SampleColumns samples;
  const std::int64_t at_us = now.wall_us_at(schedule_.due());
  samples.append(at_us, next_value(at_us));
  schedule_.advance(now);
  readings.push_back({0, std::move(samples)});
  return readings;
}

}  // namespace millwright::simulated
