#include "ml/evaluation/regression.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace millwright::ml {

double rmse(std::span<const double> predicted, std::span<const double> truth) {
  MW_CHECK(predicted.size() == truth.size() && !truth.empty());
  double sum = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    sum += (predicted[i] - truth[i]) * (predicted[i] - truth[i]);
  }
  return std::sqrt(sum / static_cast<double>(truth.size()));
}

double phm08_score(std::span<const double> predicted, std::span<const double> truth) {
  MW_CHECK(predicted.size() == truth.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double d = predicted[i] - truth[i];
    sum += std::exp(d < 0.0 ? -d / 13.0 : d / 10.0) - 1.0;
  }
  return sum;
}

double coverage(std::span<const double> lower, std::span<const double> upper,
                std::span<const double> truth) {
  MW_CHECK(lower.size() == truth.size() && upper.size() == truth.size());
  if (truth.empty()) return 0.0;
  std::size_t inside = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    inside += lower[i] <= truth[i] && truth[i] <= upper[i] ? 1 : 0;
  }
  return static_cast<double>(inside) / static_cast<double>(truth.size());
}

double conformal_quantile(std::span<const double> values, double level) {
  MW_CHECK(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  const auto rank = static_cast<std::size_t>(std::ceil((n + 1.0) * level));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace millwright::ml
