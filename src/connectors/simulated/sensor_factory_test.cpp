#include "connectors/simulated/sensor_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "connectors/simulated/arma_process.h"

namespace millwright::simulated {
namespace {

using namespace std::chrono_literals;

SensorSpec spec_of(SensorType type, std::string identifier) {
  SensorSpec spec;
  spec.identifier = std::move(identifier);
  spec.type = type;
  spec.path = "hall";
  return spec;
}

/// Lets the clock run and collects what the sensor yields for its first metric.
SampleColumns run(Connector& sensor, ManualClock& clock, int samples) {
  SampleColumns all;
  for (int i = 0; i < samples; ++i) {
    const auto readings = sensor.read(Moment::of(clock));
    EXPECT_TRUE(readings);
    for (const Reading& reading : *readings) {
      const auto& columns = std::get<SampleColumns>(reading.values);
      for (std::size_t k = 0; k < columns.size(); ++k) {
        all.append(columns.timestamp_us[k], columns.value[k]);
      }
    }
    clock.advance(1s);
  }
  return all;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(ScalarSensor, YieldsOneSampleAnIntervalRoundItsOffset) {
  ManualClock clock(from_us(1'700'000'000'000'000));
  SensorSpec spec = spec_of(SensorType::kTemperature, "temperature.ambient");
  spec.offset = 30.0;
  auto sensor = create_sensor(spec, Moment::of(clock));
  ASSERT_TRUE(sensor);
  const SampleColumns samples = run(**sensor, clock, 4'000);
  ASSERT_EQ(samples.size(), 4'000u);
  EXPECT_EQ(samples.timestamp_us[0], 1'700'000'000'000'000);
  EXPECT_EQ(samples.timestamp_us[1] - samples.timestamp_us[0], 1'000'000);
  EXPECT_NEAR(mean_of(samples.value), 30.0, 1.5);
  EXPECT_EQ((*sensor)->metrics()[0].unit, "°C");
  EXPECT_EQ((*sensor)->metrics()[0].display_name, "Temperature ambient");
}

TEST(ScalarSensor, IsDeterministicBySeedAndDiffersByIdentifier) {
  const auto values = [](const char* identifier) {
    ManualClock clock(from_us(0));
    return run(**create_sensor(spec_of(SensorType::kHumidity, identifier), Moment::of(clock)),
               clock, 50)
        .value;
  };
  EXPECT_EQ(values("humidity.a"), values("humidity.a"));
  EXPECT_NE(values("humidity.a"), values("humidity.b"));
}

TEST(ScalarSensor, AddsNoiseSpikesAndDriftToTheProcess) {
  ManualClock clock(from_us(0));
  SensorSpec spec = spec_of(SensorType::kTemperature, "temperature.t");
  spec.offset = 0.0;
  spec.std = 0.0;
  spec.disturbances = {WhiteNoise{5.0, 0.0}, Drift{0.5, 10}, RandomSpike{1.0, 100.0, 101.0}};
  const SampleColumns samples = run(**create_sensor(spec, Moment::of(clock)), clock, 21);
  for (int n : {0, 10, 20}) {
    const double drift = n < 10 ? 0.0 : 0.5 * (n - 10);
    EXPECT_GE(samples.value[std::size_t(n)], 105.0 + drift);
    EXPECT_LT(samples.value[std::size_t(n)], 106.0 + drift);
  }
}

TEST(ScalarSensor, LeavesOutWhatItMissedWhileTheProcessStoodStill) {
  ManualClock clock(from_us(0));
  auto sensor =
      create_sensor(spec_of(SensorType::kTemperature, "temperature.t"), Moment::of(clock));
  clock.advance(100s);
  EXPECT_EQ((*sensor)->read(Moment::of(clock))->size(), 1u);
  EXPECT_EQ((*sensor)->read(Moment::of(clock))->size(), 0u);
  EXPECT_EQ((*sensor)->next_due() - clock.steady_now(), 1s);
}

TEST(ArmaProcess, HasTheAutocorrelationOfItsCoefficients) {
  // AR(1) with coefficient a: lag-1 autocorrelation a, variance std^2 / (1 - a^2).
  ArmaProcess process({0.8}, {}, 0.5, 42);
  std::vector<double> x(200'000);
  for (double& value : x) value = process.next();
  double variance = 0, covariance = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    variance += x[i] * x[i];
    covariance += x[i] * x[i - 1];
  }
  EXPECT_NEAR(covariance / variance, 0.8, 0.01);
  EXPECT_NEAR(variance / static_cast<double>(x.size()), 0.25 / 0.36, 0.03);
}

TEST(VibrationSensor, SendsABurstOfBothAxesThatEndsNow) {
  ManualClock clock(from_us(1'700'000'000'000'000));
  SensorSpec spec = spec_of(SensorType::kVibration, "vibration.gear1");
  spec.sampling_interval_s = 30;
  spec.fault_type = "missing_tooth";
  auto sensor = create_sensor(spec, Moment::of(clock));
  ASSERT_TRUE(sensor) << sensor.error().message;
  EXPECT_EQ((*sensor)->metrics()[0].metric_identifier, "vibration.gear1.x_axis");
  EXPECT_EQ((*sensor)->metrics()[1].type, MetricType::kWaveform);
  EXPECT_EQ((*sensor)->metrics()[3].metric_identifier, "vibration.gear1.load");
  const auto readings = (*sensor)->read(Moment::of(clock));
  ASSERT_TRUE(readings);
  ASSERT_EQ(readings->size(), 4u);
  const auto& x = std::get<Waveform>((*readings)[0].values);
  const auto& y = std::get<Waveform>((*readings)[1].values);
  EXPECT_EQ(x.value.size(), 1'024u);
  EXPECT_EQ(y.value.size(), 1'024u);
  EXPECT_EQ(x.sample_rate_hz, 5'000.0);
  EXPECT_EQ(x.start_us, y.start_us);
  EXPECT_EQ(x.end_us(), 1'700'000'000'000'000);
  EXPECT_EQ(std::get<SampleColumns>((*readings)[2].values).value, std::vector{25.0});
  EXPECT_EQ((*sensor)->next_due() - clock.steady_now(), 30s);
}

TEST(VibrationSensor, NamesAFaultThatDoesNotExist) {
  SensorSpec spec = spec_of(SensorType::kVibration, "vibration.gear1");
  spec.fault_type = "rust";
  const auto sensor = create_sensor(spec, Moment{});
  ASSERT_FALSE(sensor);
  EXPECT_THAT(sensor.error().message, testing::HasSubstr("fault_type: "));
}

}  // namespace
}  // namespace millwright::simulated
