#pragma once
/// Features of one window of one axis of vibration, for machines of any kind.
///
/// The mean is removed first: a sensor's offset identifies the recording, not the fault. Windows
/// with NaN or infinity are the caller's to leave out. Pure: safe to call from any thread.

#include <span>
#include <string>
#include <vector>

#include "signal/bearing.h"

namespace millwright::ml {

/// Level (logarithm of the RMS), crest, skewness, kurtosis, centroid and spread of the spectrum as
/// shares of the Nyquist frequency, and the share of the energy in each of 16 bands (logarithms).
std::vector<float> vibration_features(std::span<const double> window, double sample_rate_hz);
/// Their names, in order.
const std::vector<std::string>& vibration_feature_names();

/// Which of a bearing's fault orders stands out in the squared envelope: outer race against inner
/// race, and rolling elements against the stronger race, from -1 to 1.
///
/// How far an order stands out is the mean logarithm of the amplitude at it and its next two
/// harmonics over the median of the spectrum around each. The difference of two is saturated
/// (tanh(difference / 0.5)) and averaged over three bands of carriers: beyond a clear difference
/// its amount tells the size of the fault and the resonance, not its place. Levels are left out for
/// the same reason. The window should hold ten turns of the shaft or more.
std::vector<float> bearing_features(std::span<const double> window, double sample_rate_hz,
                                    double shaft_hz, const signal::BearingOrders& orders);
const std::vector<std::string>& bearing_feature_names();

}  // namespace millwright::ml
