#include "ml/features/vibration_features.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "signal/envelope.h"
#include "signal/spectrum.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kBands = 16;
constexpr double kFloor = 1e-12;  // keeps logarithms of silence finite
constexpr double kSlip = 0.015;   // elements slip; measured orders lie that much aside
/// Shares of the Nyquist frequency between which resonances are looked for.
constexpr std::array<std::pair<double, double>, 3> kCarriers{
    {{0.1, 0.35}, {0.35, 0.6}, {0.6, 0.95}}};
constexpr double kClear = 0.5;  // difference of mean logarithms

float log_of(double value) { return static_cast<float>(std::log(std::max(value, kFloor))); }

/// The amplitude at a frequency over the median of the lines around it.
double prominence(const signal::Spectrum& spectrum, double frequency_hz) {
  const auto last = static_cast<double>(spectrum.amplitude.size()) - 1.0;
  const double line = frequency_hz / spectrum.bin_hz;
  const double reach = std::max(1.0, line * kSlip);
  if (!(line + reach < last)) return 1.0;
  const auto at = [&](double from, double to) {
    const auto begin = static_cast<std::size_t>(std::lround(std::clamp(from, 0.0, last)));
    const auto end = static_cast<std::size_t>(std::lround(std::clamp(to, 0.0, last)));
    return std::span(spectrum.amplitude).subspan(begin, end - begin + 1);
  };
  const auto near = at(line - reach, line + reach);
  const auto around = at(line - 12.0 * reach, line + 12.0 * reach);
  const double background = signal::median(std::vector<double>(around.begin(), around.end()));
  return *std::max_element(near.begin(), near.end()) / std::max(background, kFloor);
}

/// Mean of the logarithms over the order and its next two harmonics.
double harmonics(const signal::Spectrum& spectrum, double order_hz) {
  double sum = 0.0;
  for (int harmonic = 1; harmonic <= 3; ++harmonic) {
    sum += std::log(std::max(prominence(spectrum, harmonic * order_hz), kFloor));
  }
  return sum / 3.0;
}

}  // namespace

std::vector<float> vibration_features(std::span<const double> window, double sample_rate_hz) {
  const signal::Shape shape = signal::shape_of(window);
  const signal::Spectrum spectrum = signal::amplitude_spectrum(window, sample_rate_hz);
  const double nyquist_hz = sample_rate_hz / 2.0;
  std::vector<float> out{log_of(shape.rms),
                         static_cast<float>(shape.crest),
                         static_cast<float>(shape.skewness),
                         static_cast<float>(shape.kurtosis),
                         static_cast<float>(signal::centroid_hz(spectrum) / nyquist_hz),
                         static_cast<float>(signal::spread_hz(spectrum) / nyquist_hz)};
  const double total = std::max(signal::band_energy(spectrum, 0.0, sample_rate_hz), kFloor);
  for (std::size_t band = 0; band < kBands; ++band) {
    const double width_hz = nyquist_hz / kBands;
    const double from_hz = width_hz * static_cast<double>(band);
    out.push_back(
        log_of(signal::band_energy(spectrum, from_hz, from_hz + width_hz) / total + 1e-9));
  }
  return out;
}

const std::vector<std::string>& vibration_feature_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list{"level", "crest", "skewness", "kurtosis", "centroid", "spread"};
    for (std::size_t band = 0; band < kBands; ++band) list.push_back("band" + std::to_string(band));
    return list;
  }();
  return names;
}

std::vector<float> bearing_features(std::span<const double> window, double sample_rate_hz,
                                    double shaft_hz, const signal::BearingOrders& orders) {
  double races = 0.0, elements = 0.0;
  for (const auto& [from, to] : kCarriers) {
    const signal::Spectrum spectrum = signal::squared_envelope_spectrum(
        window, sample_rate_hz, from * sample_rate_hz / 2.0, to * sample_rate_hz / 2.0);
    const double outer = harmonics(spectrum, orders.outer_race * shaft_hz);
    const double inner = harmonics(spectrum, orders.inner_race * shaft_hz);
    const double element = harmonics(spectrum, 2.0 * orders.rolling_element * shaft_hz);
    races += std::tanh((outer - inner) / kClear);
    elements += std::tanh((element - std::max(outer, inner)) / kClear);
  }
  const double bands = kCarriers.size();
  return {static_cast<float>(races / bands), static_cast<float>(elements / bands)};
}

const std::vector<std::string>& bearing_feature_names() {
  static const std::vector<std::string> names{"outer_over_inner_race", "elements_over_races"};
  return names;
}

}  // namespace millwright::ml
