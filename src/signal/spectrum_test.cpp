#include "signal/spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace millwright::signal {
namespace {

std::vector<double> two_tones() {
  std::vector<double> out(1000);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / 5000.0;
    out[i] = 2.5 + 3.0 * std::sin(2.0 * std::numbers::pi * 500.0 * t) +
             1.0 * std::cos(2.0 * std::numbers::pi * 1200.0 * t);
  }
  return out;
}

TEST(Spectrum, SineReadsItsAmplitudeAtItsFrequency) {
  for (Taper taper : {Taper::kNone, Taper::kHann}) {
    const Spectrum spectrum = amplitude_spectrum(two_tones(), 5000.0, taper);
    ASSERT_EQ(spectrum.amplitude.size(), 501u);
    EXPECT_DOUBLE_EQ(spectrum.bin_hz, 5.0);
    EXPECT_NEAR(spectrum.amplitude[100], 3.0, 1e-3);
    EXPECT_NEAR(amplitude_near(spectrum, 1203.0, 6.0), 1.0, 1e-3);
    EXPECT_NEAR(spectrum.amplitude[0], 0.0, 1e-3) << "the mean is removed";
  }
}

TEST(Spectrum, PeaksComeLargestFirst) {
  const auto peaks = top_peaks(amplitude_spectrum(two_tones(), 5000.0), 2);
  ASSERT_EQ(peaks.size(), 2u);
  EXPECT_NEAR(peaks[0].frequency_hz, 500.0, 0.5);
  EXPECT_NEAR(peaks[1].frequency_hz, 1200.0, 0.5);
}

TEST(Spectrum, BandsShareTheEnergy) {
  const Spectrum spectrum = amplitude_spectrum(two_tones(), 5000.0, Taper::kNone);
  EXPECT_NEAR(band_energy(spectrum, 400, 600), 9.0, 0.01);
  EXPECT_NEAR(band_energy(spectrum, 1000, 1400), 1.0, 0.01);
  EXPECT_NEAR(centroid_hz(spectrum), (500.0 * 3 + 1200.0) / 4, 2.0);
}

TEST(Spectrum, TooShortWindowIsEmpty) {
  EXPECT_TRUE(amplitude_spectrum(std::vector<double>{1.0}, 5000.0).amplitude.empty());
  EXPECT_TRUE(amplitude_spectrum(two_tones(), 0.0).amplitude.empty());
  EXPECT_EQ(centroid_hz({}), 0.0);
}

}  // namespace
}  // namespace millwright::signal
