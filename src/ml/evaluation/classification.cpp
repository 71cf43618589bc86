#include "ml/evaluation/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace millwright::ml {

void Confusion::add(std::size_t truth, std::size_t predicted) {
  MW_CHECK(truth < classes_ && predicted < classes_);
  ++counts_[truth * classes_ + predicted];
}

void Confusion::merge(const Confusion& other) {
  MW_CHECK(other.classes_ == classes_);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::size_t Confusion::count(std::size_t truth, std::size_t predicted) const {
  return counts_[truth * classes_ + predicted];
}

std::size_t Confusion::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

double Confusion::accuracy() const {
  std::size_t right = 0;
  for (std::size_t c = 0; c < classes_; ++c) right += count(c, c);
  const std::size_t all = total();
  return all == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(all);
}

double Confusion::f1(std::size_t cls) const {
  std::size_t truths = 0;
  std::size_t predictions = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    truths += count(cls, c);
    predictions += count(c, cls);
  }
  const std::size_t sum = truths + predictions;
  return sum == 0 ? 0.0 : 2.0 * static_cast<double>(count(cls, cls)) / static_cast<double>(sum);
}

double Confusion::macro_f1() const {
  double sum = 0.0;
  std::size_t occurring = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    std::size_t seen = 0;
    for (std::size_t o = 0; o < classes_; ++o) seen += count(c, o) + count(o, c);
    if (seen == 0) continue;
    ++occurring;
    sum += f1(c);
  }
  return occurring == 0 ? 0.0 : sum / static_cast<double>(occurring);
}

double Confusion::balanced_accuracy() const {
  double sum = 0.0;
  std::size_t occurring = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    std::size_t truths = 0;
    for (std::size_t o = 0; o < classes_; ++o) truths += count(c, o);
    if (truths == 0) continue;
    ++occurring;
    sum += static_cast<double>(count(c, c)) / static_cast<double>(truths);
  }
  return occurring == 0 ? 0.0 : sum / static_cast<double>(occurring);
}

double average_precision(std::span<const double> scores, const std::vector<bool>& positive) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  double area = 0.0;
  std::size_t found = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    std::size_t hits = 0;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) {
      hits += positive[order[end++]] ? 1 : 0;
    }
    found += hits;
    area += static_cast<double>(hits) * static_cast<double>(found) / static_cast<double>(end);
    begin = end;
  }
  return found > 0 ? area / static_cast<double>(found) : 0.0;
}

MeanAndSpread mean_and_spread(std::span<const double> values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0;
  for (double v : values) squares += (v - mean) * (v - mean);
  return {mean, values.size() < 2 ? 0.0 : std::sqrt(squares / (n - 1.0))};
}

}  // namespace millwright::ml
