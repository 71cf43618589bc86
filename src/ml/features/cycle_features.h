#pragma once
/// Features of one working cycle of a machine as one sensor saw it.
///
/// The cycle is cut into sections of equal length; of each: mean, spread and slope. Of the whole:
/// mean, standard deviation, smallest and largest value. Levels are kept: a cycle's levels are
/// what a worn pump or a lost pre-charge changes. Works for any number of samples from one a
/// section. Pure: safe to call from any thread.

#include <span>
#include <vector>

namespace millwright::ml {

inline constexpr std::size_t kCycleSections = 12;

/// Shape (4 + 3 * kCycleSections,). values shape (n,), n >= 0; sections without a sample give 0.
std::vector<float> cycle_features(std::span<const double> values);

}  // namespace millwright::ml
