#include "ml/features/cycle_features.h"

#include <algorithm>
#include <cmath>

#include "signal/statistics.h"

namespace millwright::ml {
namespace {

/// Change over the section by least squares; 0 for fewer than two samples.
double slope(std::span<const double> values) {
  const double centre = static_cast<double>(values.size() - 1) / 2.0;
  double weighted = 0.0, weight = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - centre;
    weighted += x * values[i];
    weight += x * x;
  }
  return weight > 0.0 ? weighted / weight * static_cast<double>(values.size()) : 0.0;
}

double spread(std::span<const double> values) { return signal::shape_of(values).rms; }

}  // namespace

std::vector<float> cycle_features(std::span<const double> values) {
  std::vector<float> out;
  const auto add = [&](double value) { out.push_back(static_cast<float>(value)); };
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  add(signal::mean(values));
  add(spread(values));
  add(values.empty() ? 0.0 : *least);
  add(values.empty() ? 0.0 : *most);
  for (std::size_t i = 0; i < kCycleSections; ++i) {
    const std::size_t begin = values.size() * i / kCycleSections;
    const auto section = values.subspan(begin, values.size() * (i + 1) / kCycleSections - begin);
    add(signal::mean(section));
    add(spread(section));
    add(section.empty() ? 0.0 : slope(section));
  }
  return out;
}

}  // namespace millwright::ml
