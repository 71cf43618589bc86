#include "signal/spectrum.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "signal/statistics.h"

namespace millwright::signal {
namespace {

struct FreePlan {
  void operator()(kiss_fftr_cfg plan) const { kiss_fftr_free(plan); }
};
using Plan = std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, FreePlan>;

/// A plan costs more than a transform of 256 samples; windows of one size come in rows.
kiss_fftr_cfg plan_for(int n) {
  thread_local int planned = 0;
  thread_local Plan plan;
  if (planned != n) {
    plan.reset(kiss_fftr_alloc(n, 0, nullptr, nullptr));
    planned = n;
  }
  return plan.get();
}

}  // namespace

Spectrum amplitude_spectrum(std::span<const double> values, double sample_rate_hz, Taper taper) {
  const std::size_t n = values.size() / 2 * 2;
  Spectrum spectrum;
  if (n < 2 || !(sample_rate_hz > 0.0)) return spectrum;
  const double centre = mean(values.first(n));
  std::vector<kiss_fft_scalar> input(n);
  double gain = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n);
    const double weight = taper == Taper::kHann ? 0.5 - 0.5 * std::cos(angle) : 1.0;
    gain += weight;
    input[i] = static_cast<kiss_fft_scalar>((values[i] - centre) * weight);
  }
  std::vector<kiss_fft_cpx> output(n / 2 + 1);
  kiss_fftr(plan_for(static_cast<int>(n)), input.data(), output.data());
  spectrum.bin_hz = sample_rate_hz / static_cast<double>(n);
  spectrum.amplitude.resize(n / 2 + 1);
  for (std::size_t k = 0; k <= n / 2; ++k) {
    const double sides = (k == 0 || k == n / 2) ? 1.0 : 2.0;
    spectrum.amplitude[k] = sides * std::hypot(output[k].r, output[k].i) / gain;
  }
  return spectrum;
}

double centroid_hz(const Spectrum& spectrum) {
  double weighted = 0.0;
  double sum = 0.0;
  for (std::size_t k = 0; k < spectrum.amplitude.size(); ++k) {
    weighted += static_cast<double>(k) * spectrum.amplitude[k];
    sum += spectrum.amplitude[k];
  }
  return sum > 0.0 ? spectrum.bin_hz * weighted / sum : 0.0;
}

double spread_hz(const Spectrum& spectrum) {
  const double centre = centroid_hz(spectrum);
  double weighted = 0.0;
  double sum = 0.0;
  for (std::size_t k = 0; k < spectrum.amplitude.size(); ++k) {
    const double d = static_cast<double>(k) * spectrum.bin_hz - centre;
    weighted += d * d * spectrum.amplitude[k];
    sum += spectrum.amplitude[k];
  }
  return sum > 0.0 ? std::sqrt(weighted / sum) : 0.0;
}

double band_energy(const Spectrum& spectrum, double from_hz, double to_hz) {
  double energy = 0.0;
  for (std::size_t k = 0; k < spectrum.amplitude.size(); ++k) {
    const double f = static_cast<double>(k) * spectrum.bin_hz;
    if (f >= from_hz && f < to_hz) energy += spectrum.amplitude[k] * spectrum.amplitude[k];
  }
  return energy;
}

double amplitude_near(const Spectrum& spectrum, double frequency_hz, double half_width_hz) {
  double largest = 0.0;
  for (std::size_t k = 0; k < spectrum.amplitude.size(); ++k) {
    const double f = static_cast<double>(k) * spectrum.bin_hz;
    if (std::abs(f - frequency_hz) <= half_width_hz) {
      largest = std::max(largest, spectrum.amplitude[k]);
    }
  }
  return largest;
}

std::vector<Peak> top_peaks(const Spectrum& spectrum, std::size_t count) {
  std::vector<Peak> peaks;
  const auto& a = spectrum.amplitude;
  for (std::size_t k = 1; k + 1 < a.size(); ++k) {
    if (a[k] <= a[k - 1] || a[k] < a[k + 1]) continue;
    const double bend = a[k - 1] - 2.0 * a[k] + a[k + 1];
    const double shift = bend < 0.0 ? 0.5 * (a[k - 1] - a[k + 1]) / bend : 0.0;
    peaks.push_back({(static_cast<double>(k) + shift) * spectrum.bin_hz, a[k]});
  }
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Peak& l, const Peak& r) { return l.amplitude > r.amplitude; });
  if (peaks.size() > count) peaks.resize(count);
  return peaks;
}

}  // namespace millwright::signal
