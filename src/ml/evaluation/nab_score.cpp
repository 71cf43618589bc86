#include "ml/evaluation/nab_score.h"

#include <algorithm>
#include <cmath>

namespace millwright::ml {
namespace {

constexpr double kFarBehind = 3.0;  // widths of the window; then an alarm costs all

/// From nearly 1 at -1 over 0 at 0 to -1.
double worth(double place) {
  return place > kFarBehind ? -1.0 : 2.0 / (1.0 + std::exp(5.0 * place)) - 1.0;
}

double width_of(const NabWindow& window) {
  return static_cast<double>(window.last - window.first + 1);
}

/// The first alarm that counts inside the window, or nothing.
const std::size_t* first_inside(const NabSeries& series, const NabWindow& window) {
  const std::size_t from = std::max(window.first, nab_probation(series.size));
  const auto found = std::lower_bound(series.alarms.begin(), series.alarms.end(), from);
  return found != series.alarms.end() && *found <= window.last ? &*found : nullptr;
}

/// What an alarm at this place costs, 0 inside a window, up to 1.
double cost_of(const NabSeries& series, std::size_t alarm) {
  const NabWindow* before = nullptr;
  for (const NabWindow& window : series.windows) {
    if (alarm >= window.first && alarm <= window.last) return 0.0;
    if (window.last < alarm) before = &window;
  }
  if (before == nullptr || before->last == before->first) return 1.0;
  return -worth(static_cast<double>(alarm - before->last) / (width_of(*before) - 1.0));
}

double raw_score(const NabSeries& series, const NabProfile& profile) {
  double sum = 0.0;
  for (const NabWindow& window : series.windows) {
    const std::size_t* alarm = first_inside(series, window);
    if (alarm == nullptr) {
      sum -= profile.miss;
    } else {
      const double left = static_cast<double>(window.last - *alarm + 1);
      sum += worth(-left / width_of(window)) / worth(-1.0);
    }
  }
  for (const std::size_t alarm : series.alarms) {
    if (alarm < nab_probation(series.size)) continue;
    sum -= profile.false_alarm * cost_of(series, alarm);
  }
  return sum;
}

}  // namespace

std::size_t nab_probation(std::size_t size) {
  return static_cast<std::size_t>(0.15 * static_cast<double>(std::min<std::size_t>(size, 5000)));
}

std::vector<bool> nab_found(const NabSeries& series) {
  std::vector<bool> found;
  for (const NabWindow& window : series.windows) {
    found.push_back(first_inside(series, window) != nullptr);
  }
  return found;
}

double nab_score(std::span<const NabSeries> corpus, const NabProfile& profile) {
  double raw = 0.0, windows = 0.0;
  for (const NabSeries& series : corpus) {
    raw += raw_score(series, profile);
    windows += static_cast<double>(series.windows.size());
  }
  if (windows == 0.0) return 0.0;
  const double silent = -profile.miss * windows;
  return 100.0 * (raw - silent) / (windows - silent);
}

}  // namespace millwright::ml
