#include "signal/statistics.h"

#include <algorithm>
#include <cmath>

namespace millwright::signal {
namespace {

/// Median that may reorder its input.
double median_in_place(std::vector<double>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return 0.0;
  double sum = 0.0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double median(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  return median_in_place(copy);
}

double median_absolute_deviation(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  const double middle = median_in_place(copy);
  for (double& v : copy) v = std::abs(v - middle);
  return median_in_place(copy);
}

std::vector<double> without_mean(std::span<const double> values) {
  const double centre = mean(values);
  std::vector<double> out(values.begin(), values.end());
  for (double& v : out) v -= centre;
  return out;
}

Shape shape_of(std::span<const double> values) {
  Shape shape;
  if (values.empty()) return shape;
  const auto n = static_cast<double>(values.size());
  shape.mean = mean(values);
  double m2 = 0.0;
  double m3 = 0.0;
  double m4 = 0.0;
  for (double v : values) {
    const double d = v - shape.mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
    shape.peak = std::max(shape.peak, std::abs(d));
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  shape.peak_to_peak = *high - *low;
  const double variance = m2 / n;
  shape.rms = std::sqrt(variance);
  // A constant window leaves rounding noise only; its standardised moments would be noise too.
  if (shape.rms <= 1e-12 * std::max(1.0, std::abs(shape.mean))) {
    shape.rms = shape.peak = 0.0;
    return shape;
  }
  shape.crest = shape.peak / shape.rms;
  shape.skewness = m3 / n / (variance * shape.rms);
  shape.kurtosis = m4 / n / (variance * variance);
  return shape;
}

}  // namespace millwright::signal
