#include "signal/envelope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "signal/bearing.h"

namespace millwright::signal {
namespace {

constexpr double kRateHz = 12'000.0;

/// A carrier of 3 kHz whose amplitude swings at 100 Hz, beside a slow hum that is ten times larger.
std::vector<double> modulated(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double t = 2.0 * std::numbers::pi * static_cast<double>(i) / kRateHz;
    const double power = 1.0 + 0.5 * std::cos(100.0 * t);
    values[i] = std::sqrt(power) * std::sin(3'000.0 * t) + 10.0 * std::sin(50.0 * t);
  }
  return values;
}

TEST(SquaredEnvelopeSpectrum, ShowsTheDepthOfAModulationAtItsFrequency) {
  const Spectrum spectrum = squared_envelope_spectrum(modulated(12'000), kRateHz, 2'000, 4'000);
  EXPECT_NEAR(spectrum.bin_hz, 1.0, 1e-9);
  EXPECT_NEAR(spectrum.amplitude[100], 0.5, 0.02);
  EXPECT_LT(spectrum.amplitude[50], 0.01);
  EXPECT_LT(spectrum.amplitude[200], 0.02);
}

TEST(SquaredEnvelopeSpectrum, ABandWithoutSignalAndAConstantAreSilent) {
  for (const double amplitude :
       squared_envelope_spectrum(std::vector<double>(256, 7.0), kRateHz, 0, 6'000).amplitude) {
    EXPECT_NEAR(amplitude, 0.0, 1e-9);
  }
  for (const double amplitude :
       squared_envelope_spectrum(modulated(1'200), kRateHz, 4'000, 4'000).amplitude) {
    EXPECT_EQ(amplitude, 0.0);
  }
  EXPECT_TRUE(squared_envelope_spectrum({}, kRateHz, 0, 1).amplitude.empty());
  EXPECT_TRUE(squared_envelope_spectrum(modulated(64), 0, 0, 1).amplitude.empty());
}

// The values that the maker of the bearing 6205 states.
TEST(BearingOrders, AreThoseOfTheGeometry) {
  const BearingOrders orders = bearing_orders({9, 7.94, 39.04, 0.0});
  EXPECT_NEAR(orders.outer_race, 3.5848, 2e-3);
  EXPECT_NEAR(orders.inner_race, 5.4152, 2e-3);
  EXPECT_NEAR(orders.rolling_element, 2.3567, 2e-3);
  EXPECT_NEAR(orders.cage, 0.3983, 2e-3);
  for (const BearingGeometry& none :
       {BearingGeometry{}, BearingGeometry{0, 5, 30, 0}, BearingGeometry{9, 30, 30, 0}}) {
    EXPECT_EQ(bearing_orders(none).outer_race, 0.0);
  }
}

}  // namespace
}  // namespace millwright::signal
