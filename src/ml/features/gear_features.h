#pragma once
/// Features of one window of both vibration axes, for the gear fault classifier.
///
/// Time domain (shape, roughness, autocorrelation), frequency domain (shares of twelve bands,
/// centroid, flatness) and order domain: the gear-mesh frequency is estimated from the spectrum, so
/// that harmonics and modulation are judged relative to it. The mean is removed first; neither
/// speed nor load is an input.
///
/// Pure. O(n log n); about 60 us for 256 samples.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace millwright::ml {

/// Identifiers in the order of the values: "x_kurtosis".
const std::vector<std::string>& gear_feature_names();
/// How people call a feature: "kurtosis of the x axis".
std::string gear_feature_words(const std::string& name);

/// x_axis, y_axis shape (n,), n >= 64, finite; sample_rate_hz > 0.
/// Returns shape (gear_feature_names().size(),), all finite.
std::vector<float> gear_features(std::span<const double> x_axis, std::span<const double> y_axis,
                                 double sample_rate_hz);

/// The gear-mesh frequency that explains both spectra best, 100 ... 1,000 Hz.
double estimate_mesh_hz(std::span<const double> x_axis, std::span<const double> y_axis,
                        double sample_rate_hz);

}  // namespace millwright::ml
