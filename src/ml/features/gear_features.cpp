#include "ml/features/gear_features.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "signal/spectrum.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

using signal::Spectrum;

constexpr double kTiny = 1e-12;
constexpr std::size_t kBands = 12;
constexpr std::array<std::size_t, 6> kLags = {1, 2, 4, 8, 16, 32};

struct Named {
  const char* name;
  const char* words;
};
constexpr Named kAxisFeatures[] = {
    {"log_rms", "RMS (logarithm)"},
    {"crest", "crest factor"},
    {"kurtosis", "kurtosis"},
    {"skewness", "skewness"},
    {"shape", "ratio of RMS to mean amplitude"},
    {"roughness", "roughness (first difference to RMS)"},
    {"jerk_kurtosis", "kurtosis of the second difference"},
    {"impulsiveness", "loudest sixteenth to the median sixteenth"},
    {"unevenness", "variation of loudness inside the window"},
    {"lag1", "autocorrelation at 1 sample"},
    {"lag2", "autocorrelation at 2 samples"},
    {"lag4", "autocorrelation at 4 samples"},
    {"lag8", "autocorrelation at 8 samples"},
    {"lag16", "autocorrelation at 16 samples"},
    {"lag32", "autocorrelation at 32 samples"},
    {"centroid", "spectral centroid"},
    {"spread", "spectral spread"},
    {"flatness", "spectral flatness"},
    {"peak_share", "share of the strongest line"},
    {"mesh1", "share of the gear-mesh fundamental"},
    {"mesh2", "2nd to 1st gear-mesh harmonic"},
    {"mesh3", "3rd to 1st gear-mesh harmonic"},
    {"mesh4", "4th to 1st gear-mesh harmonic"},
    {"below_mesh", "share below the gear mesh (shaft orders)"},
    {"between_mesh", "share between gear-mesh harmonics"},
    {"mesh_modulation", "modulation of the gear-mesh tone"},
    {"mesh_phase", "phase wander of the gear-mesh tone"},
};
constexpr Named kSharedFeatures[] = {
    {"mesh_hz", "estimated gear-mesh frequency"},
    {"axes_correlation", "correlation of the axes"},
    {"axes_ratio", "loudness of x to y (logarithm)"},
};

double log_ratio(double a, double b) { return std::log((a + kTiny) / (b + kTiny)); }

double interpolated(const Spectrum& spectrum, double frequency_hz) {
  const double at = frequency_hz / spectrum.bin_hz;
  const auto k = static_cast<std::size_t>(at);
  if (k + 1 >= spectrum.amplitude.size()) return 0.0;
  const double part = at - static_cast<double>(k);
  return (1.0 - part) * spectrum.amplitude[k] + part * spectrum.amplitude[k + 1];
}

double mesh_of(const Spectrum& x, const Spectrum& y) {
  double best = 100.0;
  double best_score = -1e300;
  for (double f = 100.0; f <= 1000.0; f += 5.0) {
    double score = 0.0;
    for (const Spectrum* s : {&x, &y}) {
      for (int k = 1; k <= 3; ++k) {
        // Harmonics speak for a frequency, what lies half-way speaks for half of it.
        score += interpolated(*s, k * f) - interpolated(*s, (k - 0.5) * f);
      }
    }
    if (score > best_score) {
      best_score = score;
      best = f;
    }
  }
  return best;
}

void add_time_features(std::span<const double> v, std::vector<float>& out) {
  const signal::Shape shape = signal::shape_of(v);
  double absolute = 0.0;
  for (double a : v) absolute += std::abs(a);
  absolute /= static_cast<double>(v.size());
  std::vector<double> first(v.size() - 1);
  for (std::size_t i = 0; i + 1 < v.size(); ++i) first[i] = v[i + 1] - v[i];
  std::vector<double> second(first.size() - 1);
  for (std::size_t i = 0; i + 1 < first.size(); ++i) second[i] = first[i + 1] - first[i];

  std::array<double, 16> loudness{};
  const std::size_t part = v.size() / loudness.size();
  for (std::size_t p = 0; p < loudness.size(); ++p) {
    loudness[p] = signal::shape_of(v.subspan(p * part, part)).rms;
  }
  const double usual = signal::median(loudness);
  const double loudest = *std::max_element(loudness.begin(), loudness.end());
  const signal::Shape evenness = signal::shape_of(loudness);

  out.push_back(static_cast<float>(std::log(shape.rms + 1e-9)));
  out.push_back(static_cast<float>(shape.crest));
  out.push_back(static_cast<float>(shape.kurtosis));
  out.push_back(static_cast<float>(shape.skewness));
  out.push_back(static_cast<float>(shape.rms / (absolute + kTiny)));
  out.push_back(static_cast<float>(signal::shape_of(first).rms / (shape.rms + kTiny)));
  out.push_back(static_cast<float>(signal::shape_of(second).kurtosis));
  out.push_back(static_cast<float>(log_ratio(loudest, usual)));
  out.push_back(static_cast<float>(evenness.rms / (evenness.mean + kTiny)));
  double power = kTiny;
  for (double a : v) power += a * a;
  for (const std::size_t lag : kLags) {
    double sum = 0.0;
    for (std::size_t i = lag; i < v.size(); ++i) sum += v[i] * v[i - lag];
    out.push_back(static_cast<float>(sum / power));
  }
}

/// Amplitude and phase of the mesh tone in eighths of the window, by demodulation.
struct Modulation {
  double amplitude;  ///< Standard deviation over mean.
  double phase;      ///< Standard deviation of the phase steps, radians.
};
Modulation demodulate(std::span<const double> v, double mesh_hz, double sample_rate_hz) {
  constexpr std::size_t kParts = 8;
  const std::size_t part = v.size() / kParts;
  std::array<double, kParts> amplitude{};
  std::array<double, kParts> phase{};
  for (std::size_t p = 0; p < kParts; ++p) {
    double re = 0.0;
    double im = 0.0;
    for (std::size_t i = p * part; i < (p + 1) * part; ++i) {
      const double angle = 2.0 * M_PI * mesh_hz * static_cast<double>(i) / sample_rate_hz;
      re += v[i] * std::cos(angle);
      im -= v[i] * std::sin(angle);
    }
    amplitude[p] = std::hypot(re, im);
    phase[p] = std::atan2(im, re);
  }
  std::array<double, kParts - 1> steps{};
  for (std::size_t p = 0; p + 1 < kParts; ++p) {
    steps[p] = std::remainder(phase[p + 1] - phase[p], 2.0 * M_PI);
  }
  const signal::Shape a = signal::shape_of(amplitude);
  return {a.rms / (a.mean + kTiny), signal::shape_of(steps).rms};
}

void add_spectrum_features(std::span<const double> v, const Spectrum& s, double mesh_hz,
                           double sample_rate_hz, std::vector<float>& out) {
  double total = kTiny;
  double logs = 0.0;
  double strongest = 0.0;
  for (std::size_t k = 1; k < s.amplitude.size(); ++k) {
    const double energy = s.amplitude[k] * s.amplitude[k] + 1e-18;
    total += energy;
    logs += std::log(energy);
    strongest = std::max(strongest, energy);
  }
  const auto lines = static_cast<double>(s.amplitude.size() - 1);
  out.push_back(static_cast<float>(signal::centroid_hz(s)));
  out.push_back(static_cast<float>(signal::spread_hz(s)));
  out.push_back(static_cast<float>(logs / lines - std::log(total / lines)));
  out.push_back(static_cast<float>(log_ratio(strongest, total)));

  const double width = 1.5 * s.bin_hz;
  std::array<double, 4> harmonic{};
  double in_mesh = 0.0;
  for (std::size_t k = 0; k < harmonic.size(); ++k) {
    const double f = mesh_hz * static_cast<double>(k + 1);
    harmonic[k] = signal::band_energy(s, f - width, f + width);
    in_mesh += harmonic[k];
  }
  out.push_back(static_cast<float>(log_ratio(harmonic[0], total)));
  for (std::size_t k = 1; k < harmonic.size(); ++k) {
    out.push_back(static_cast<float>(log_ratio(harmonic[k], harmonic[0])));
  }
  const double below = signal::band_energy(s, 0.5 * s.bin_hz, mesh_hz - width);
  out.push_back(static_cast<float>(log_ratio(below, total)));
  out.push_back(static_cast<float>(log_ratio(std::max(0.0, total - in_mesh - below), total)));
  const Modulation modulation = demodulate(v, mesh_hz, sample_rate_hz);
  out.push_back(static_cast<float>(modulation.amplitude));
  out.push_back(static_cast<float>(modulation.phase));

  const double band = 0.5 * sample_rate_hz / static_cast<double>(kBands);
  for (std::size_t b = 0; b < kBands; ++b) {
    const double from = band * static_cast<double>(b);
    out.push_back(static_cast<float>(log_ratio(signal::band_energy(s, from, from + band), total)));
  }
}

std::vector<std::string> make_names() {
  std::vector<std::string> names;
  for (const char* axis : {"x_", "y_"}) {
    for (const Named& feature : kAxisFeatures) names.push_back(std::string(axis) + feature.name);
    for (std::size_t b = 0; b < kBands; ++b) {
      names.push_back(std::string(axis) + "band" + std::to_string(b));
    }
  }
  for (const Named& feature : kSharedFeatures) names.emplace_back(feature.name);
  return names;
}

}  // namespace

const std::vector<std::string>& gear_feature_names() {
  static const std::vector<std::string> names = make_names();
  return names;
}

std::string gear_feature_words(const std::string& name) {
  for (const Named& feature : kSharedFeatures) {
    if (name == feature.name) return feature.words;
  }
  if (name.size() < 3) return name;
  const std::string axis = " of the " + name.substr(0, 1) + " axis";
  const std::string rest = name.substr(2);
  for (const Named& feature : kAxisFeatures) {
    if (rest == feature.name) return feature.words + axis;
  }
  if (rest.starts_with("band")) {
    return "share of frequency band " + std::to_string(std::stoi(rest.substr(4)) + 1) + " of 12" +
           axis;
  }
  return name;
}

double estimate_mesh_hz(std::span<const double> x_axis, std::span<const double> y_axis,
                        double sample_rate_hz) {
  return mesh_of(signal::amplitude_spectrum(x_axis, sample_rate_hz),
                 signal::amplitude_spectrum(y_axis, sample_rate_hz));
}

std::vector<float> gear_features(std::span<const double> x_axis, std::span<const double> y_axis,
                                 double sample_rate_hz) {
  const std::vector<double> x = signal::without_mean(x_axis);
  const std::vector<double> y = signal::without_mean(y_axis);
  const Spectrum sx = signal::amplitude_spectrum(x, sample_rate_hz);
  const Spectrum sy = signal::amplitude_spectrum(y, sample_rate_hz);
  const double mesh_hz = mesh_of(sx, sy);
  std::vector<float> out;
  out.reserve(gear_feature_names().size());
  add_time_features(x, out);
  add_spectrum_features(x, sx, mesh_hz, sample_rate_hz, out);
  add_time_features(y, out);
  add_spectrum_features(y, sy, mesh_hz, sample_rate_hz, out);

  double xx = kTiny;
  double yy = kTiny;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += x[i] * x[i];
    yy += y[i] * y[i];
    xy += x[i] * y[i];
  }
  out.push_back(static_cast<float>(mesh_hz));
  out.push_back(static_cast<float>(xy / std::sqrt(xx * yy)));
  out.push_back(static_cast<float>(0.5 * std::log(xx / yy)));
  return out;
}

}  // namespace millwright::ml
