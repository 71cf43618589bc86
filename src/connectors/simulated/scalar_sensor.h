#pragma once
/// A temperature or humidity: offset + ARMA process + white noise + spikes + drift, and what was
/// injected for a span.

#include "connectors/connector.h"
#include "connectors/sensor_spec.h"
#include "connectors/simulated/arma_process.h"

namespace millwright::simulated {

class ScalarSensor final : public Connector {
 public:
  ScalarSensor(const SensorSpec& spec, Moment start);

  std::span<const MetricDescription> metrics() const override { return {&metric_, 1}; }
  std::chrono::steady_clock::time_point next_due() const override { return schedule_.due(); }
  Result<std::vector<Reading>> read(Moment now) override;

 private:
  double next_value(std::int64_t at_us);

  MetricDescription metric_;
  double offset_;
  ArmaProcess process_;
  std::vector<Disturbance> disturbances_;
  std::vector<InjectedAnomaly> anomalies_;
  signal::RandomSource random_;
  std::uint64_t count_ = 0;  // samples so far; a drift starts by it
  Schedule schedule_;
};

}  // namespace millwright::simulated
