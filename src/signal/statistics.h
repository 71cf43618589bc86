#pragma once
/// Robust and shape statistics of one window of samples.
///
/// Every function takes shape (n,), n >= 0, finite values, and answers 0 for an empty window. Shape
/// features are taken after the mean is removed, so that a sensor's offset never enters a model.
/// O(n) time (median and MAD O(n) on average, with one copy). Pure: safe to call from any thread.

#include <span>
#include <vector>

namespace millwright::signal {

double mean(std::span<const double> values);
double median(std::span<const double> values);
/// Median absolute deviation from the median, unscaled: times 1.4826 it estimates the standard
/// deviation of a normal distribution (Rousseeuw and Croux 1993).
double median_absolute_deviation(std::span<const double> values);
/// The values with their mean taken off.
std::vector<double> without_mean(std::span<const double> values);

/// Shape of a window around its mean; unit of the values unless said otherwise.
struct Shape {
  double mean = 0.0;
  double rms = 0.0;           ///< Root mean square around the mean (population form).
  double peak = 0.0;          ///< Largest distance from the mean.
  double peak_to_peak = 0.0;  ///< Largest minus smallest value.
  double crest = 0.0;         ///< peak / rms, dimensionless; 0 for a constant window.
  double skewness = 0.0;  ///< Third standardised moment, dimensionless; 0 for a constant window.
  double kurtosis = 0.0;  ///< Fourth standardised moment, 3 for normal noise; 0 for a constant.
};
Shape shape_of(std::span<const double> values);

}  // namespace millwright::signal
