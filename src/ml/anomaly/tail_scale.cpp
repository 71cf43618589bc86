#include "ml/anomaly/tail_scale.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace millwright::ml {
namespace {

constexpr std::size_t kKept = 4096;
constexpr std::size_t kFitEvery = 64;
constexpr double kTailShare = 0.05;

}  // namespace

std::optional<double> TailScale::judge(double value) {
  std::optional<double> score;
  if (mean_excess_ > 0.0) {
    score = value > quantile_ ? -std::log(kTailShare) + (value - quantile_) / mean_excess_ : 0.0;
  }
  if (seen_.size() < kKept) {
    seen_.push_back(static_cast<float>(value));
  } else {
    seen_[next_] = static_cast<float>(value);
    next_ = (next_ + 1) % kKept;
  }
  ++since_fit_;
  const bool is_due = mean_excess_ == 0.0 || since_fit_ >= kFitEvery;
  if (is_due && seen_.size() >= needed_) fit();
  return score;
}

void TailScale::fit() {
  since_fit_ = 0;
  std::vector<float> sorted = seen_;
  const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(
                                          (1.0 - kTailShare) * static_cast<double>(sorted.size()));
  std::nth_element(sorted.begin(), first, sorted.end());
  quantile_ = *first;
  const double mean = std::accumulate(first, sorted.end(), 0.0) /
                      static_cast<double>(std::distance(first, sorted.end()));
  // Where all are equal a millionth of the size is a step that can be seen.
  mean_excess_ = std::max(mean - quantile_, 1e-6 * std::abs(quantile_) + 1e-12);
}

}  // namespace millwright::ml
