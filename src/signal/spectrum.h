#pragma once
/// One-sided amplitude spectrum and features of it, by KissFFT.

#include <cstddef>
#include <span>
#include <vector>

namespace millwright::signal {

enum class Taper { kNone, kHann };

/// Amplitudes of the frequencies bin_hz * k, k = 0 ... n/2.
struct Spectrum {
  double bin_hz = 0.0;            ///< Distance of two lines.
  std::vector<double> amplitude;  ///< Shape (n/2 + 1,), unit of the values; a sine of amplitude a
                                  ///< on a line reads a.
};

/// The spectrum of the window with its mean removed. An odd last sample is left out.
///
/// values shape (n,); n < 2 or a sample rate that is not positive gives an empty spectrum.
/// O(n log n); allocates. Pure: safe to call from any thread.
Spectrum amplitude_spectrum(std::span<const double> values, double sample_rate_hz,
                            Taper taper = Taper::kHann);

struct Peak {
  double frequency_hz = 0.0;
  double amplitude = 0.0;
};

/// Amplitude-weighted mean frequency in Hz, 0 for a silent spectrum.
double centroid_hz(const Spectrum& spectrum);
/// Standard deviation of the frequency round the centroid in Hz, weighted by amplitude.
double spread_hz(const Spectrum& spectrum);
/// Sum of squared amplitudes of the lines in [from_hz, to_hz).
double band_energy(const Spectrum& spectrum, double from_hz, double to_hz);
/// The largest amplitude within +-half_width_hz of a frequency, 0 outside the spectrum.
double amplitude_near(const Spectrum& spectrum, double frequency_hz, double half_width_hz);
/// Local maxima, largest first, at most `count`; the frequency is refined by a parabola.
std::vector<Peak> top_peaks(const Spectrum& spectrum, std::size_t count);

}  // namespace millwright::signal
