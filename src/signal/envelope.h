#pragma once
/// Demodulation: what beats on a carrier, such as the blows of a bearing's fault on a resonance.

#include "signal/spectrum.h"

namespace millwright::signal {

/// The spectrum of the squared envelope of what lies in [from_hz, to_hz), divided by the squared
/// envelope's mean: a carrier whose squared envelope swings by a share m reads m at its frequency.
///
/// Band-pass and Hilbert transform are one step in the frequency domain (J. Antoni 2007, Cyclic
/// spectral analysis of rolling-element bearing signals). values shape (n,); an odd last sample is
/// left out. An empty band or a silent one gives amplitudes of 0; n < 2 an empty spectrum.
/// O(n log n); allocates. Pure: safe to call from any thread.
Spectrum squared_envelope_spectrum(std::span<const double> values, double sample_rate_hz,
                                   double from_hz, double to_hz);

}  // namespace millwright::signal
