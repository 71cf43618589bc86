#include "ml/anomaly/discord.h"

#include <algorithm>
#include <cmath>

#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr double kLeastScatter = 0.05;  // of the median over all windows

double correlation_at(std::span<const double> values, std::size_t lag) {
  double sum = 0.0;
  for (std::size_t i = lag; i < values.size(); ++i) sum += values[i] * values[i - lag];
  return sum;
}

struct Moments {
  std::vector<double> mean;
  std::vector<double> scatter;
};

/// Mean and standard deviation of each window.
Moments moments_of(std::span<const double> values, std::size_t window) {
  Moments out;
  const auto m = static_cast<double>(window);
  double sum = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    squares += values[i] * values[i];
    if (i + 1 < window) continue;
    out.mean.push_back(sum / m);
    out.scatter.push_back(std::sqrt(std::max(0.0, squares / m - sum / m * (sum / m))));
    const double gone = values[i + 1 - window];
    sum -= gone;
    squares -= gone * gone;
  }
  const double least = std::max(1e-12, kLeastScatter * signal::median(out.scatter));
  for (double& scatter : out.scatter) scatter = std::max(scatter, least);
  return out;
}

}  // namespace

std::size_t dominant_period(std::span<const double> values, std::size_t shortest,
                            std::size_t longest) {
  const std::vector<double> centred = signal::without_mean(values);
  longest = std::min(longest, values.size() / 2);
  std::size_t lag = 1;
  while (lag < longest && correlation_at(centred, lag) > 0.0) ++lag;
  std::size_t best = shortest;
  double most = 0.0;
  for (lag = std::max(lag, shortest); lag <= longest; ++lag) {
    const double correlation = correlation_at(centred, lag);
    if (correlation > most) {
      most = correlation;
      best = lag;
    }
  }
  return best;
}

std::vector<double> left_profile(std::span<const double> values, std::size_t window,
                                 std::size_t from) {
  if (window < 2 || values.size() < window) return {};
  const std::vector<double> x = signal::without_mean(values);  // small products keep their digits
  const Moments moments = moments_of(x, window);
  const std::size_t n = moments.mean.size();
  const auto m = static_cast<double>(window);
  std::vector<double> best(n, -1.0);  // correlation with the nearest earlier window
  for (std::size_t lag = window; lag < n; ++lag) {
    double product = 0.0;
    for (std::size_t k = 0; k < window; ++k) product += x[lag + k] * x[k];
    for (std::size_t i = lag; i < n; ++i) {
      const std::size_t j = i - lag;
      if (i > lag) product += x[i + window - 1] * x[j + window - 1] - x[i - 1] * x[j - 1];
      if (i < from) continue;
      const double correlation = (product - m * moments.mean[i] * moments.mean[j]) /
                                 (m * moments.scatter[i] * moments.scatter[j]);
      best[i] = std::max(best[i], correlation);
    }
  }
  std::vector<double> profile(n, 0.0);
  for (std::size_t i = std::max(from, window); i < n; ++i) {
    profile[i] = std::sqrt(std::max(0.0, 2.0 * m * (1.0 - best[i])));
  }
  return profile;
}

}  // namespace millwright::ml
