#include "ml/rul/peer_watch.h"

#include <algorithm>
#include <cmath>

#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kFewestReferenceRows = 50;
constexpr double kLimitSigma = 5.0;
constexpr double kSmoothing = 0.05;
constexpr std::size_t kRowsToAlarm = 6;
constexpr std::size_t kRowsToCalm = 36;
constexpr double kCalmShare = 0.5;
constexpr double kHeardShare = 0.3;
constexpr double kOffShare = 0.2;
constexpr double kLeastLevel = 1e-9;  // a level of zero has a logarithm, too
constexpr double kLeastSigma = 1e-4;  // a hundredth of a per cent: below it is rounding

/// The larger of 1.4826 MAD and q95 / 1.96, so that heavy tails widen it.
double robust_sigma(std::span<const double> values, double centre) {
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - centre));
  std::sort(distances.begin(), distances.end());
  const double q95 = distances[distances.size() * 95 / 100];
  return std::max({1.4826 * signal::median(distances), q95 / 1.96, kLeastSigma});
}

}  // namespace

Result<PeerWatch> PeerWatch::create(std::size_t components, std::size_t reference_rows) {
  if (components < 3 || reference_rows < kFewestReferenceRows) {
    return invalid_argument("watching peers needs three components and 50 rows of reference, got " +
                            std::to_string(components) + " and " + std::to_string(reference_rows));
  }
  return PeerWatch(components, reference_rows);
}

Result<std::vector<PeerChange>> PeerWatch::update(std::span<const double> levels) {
  if (levels.size() != components_.size()) {
    return invalid_argument("a row has " + std::to_string(levels.size()) + " levels, " +
                            std::to_string(components_.size()) + " components are watched");
  }
  if (!std::all_of(levels.begin(), levels.end(),
                   [](double level) { return std::isfinite(level) && level >= 0.0; })) {
    return invalid_argument("a level is no finite number of 0 or more");
  }
  std::vector<double> row;
  for (const double level : levels) row.push_back(std::log(std::max(level, kLeastLevel)));
  if (is_learning()) {
    reference_.push_back(std::move(row));
    if (reference_.size() == reference_rows_) learn();
    return std::vector<PeerChange>();
  }
  if (is_off(levels)) return std::vector<PeerChange>();
  for (std::size_t c = 0; c < row.size(); ++c) row[c] -= usual_[c];
  return judge(differences(row));
}

bool PeerWatch::is_off(std::span<const double> levels) const {
  for (std::size_t c = 0; c < levels.size(); ++c) {
    if (levels[c] >= kOffShare * std::exp(usual_[c])) return false;
  }
  return true;
}

void PeerWatch::learn() {
  const std::size_t n = components_.size();
  const auto column = [](const std::vector<std::vector<double>>& rows, std::size_t c) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[c]);
    return values;
  };
  for (std::size_t c = 0; c < n; ++c) usual_.push_back(signal::median(column(reference_, c)));
  std::vector<std::vector<double>> smoothed;
  for (std::vector<double>& row : reference_) {
    for (std::size_t c = 0; c < n; ++c) row[c] -= usual_[c];
    smoothed.push_back(differences(row));
  }
  for (std::size_t c = 0; c < n; ++c) {
    const std::vector<double> values = column(smoothed, c);
    components_[c].centre = signal::median(values);
    components_[c].sigma = robust_sigma(values, components_[c].centre);
  }
  reference_ = {};
}

std::vector<double> PeerWatch::differences(const std::vector<double>& row) {
  const bool is_first = recent_.empty();
  if (recent_.size() == kMedianRows) recent_.erase(recent_.begin());
  recent_.push_back(row);
  std::vector<double> averages;
  for (std::size_t c = 0; c < components_.size(); ++c) {
    std::vector<double> last;
    for (const auto& recent : recent_) last.push_back(recent[c]);
    double& average = components_[c].average;
    average = is_first ? row[c] : average + kSmoothing * (signal::median(last) - average);
    averages.push_back(average);
  }
  std::vector<double> out;
  for (std::size_t c = 0; c < averages.size(); ++c) {
    std::vector<double> peers = averages;
    peers.erase(peers.begin() + static_cast<std::ptrdiff_t>(c));
    out.push_back(averages[c] - signal::median(peers) - components_[c].centre);
  }
  return out;
}

double PeerWatch::heard_from_others(const std::vector<double>& differences,
                                    std::size_t component) const {
  double heard = 0.0;
  for (std::size_t c = 0; c < components_.size(); ++c) {
    if (c != component && components_[c].in_alarm) {
      heard = std::max(heard, kHeardShare * differences[c]);
    }
  }
  return heard;
}

std::vector<PeerChange> PeerWatch::judge(const std::vector<double>& differences) {
  std::vector<PeerChange> changes;
  for (std::size_t c = 0; c < components_.size(); ++c) {
    Component& component = components_[c];
    const double d = differences[c];
    const double limit = kLimitSigma * component.sigma;
    const bool is_above = d > std::max(limit, heard_from_others(differences, c));
    component.above = is_above ? component.above + 1 : 0;
    component.below = d < kCalmShare * limit ? component.below + 1 : 0;
    const bool opens = !component.in_alarm && component.above >= kRowsToAlarm;
    const bool closes = component.in_alarm && component.below >= kRowsToCalm;
    if (!opens && !closes) continue;
    component.in_alarm = opens;
    changes.push_back({c, opens, std::expm1(d), d / component.sigma});
  }
  return changes;
}

}  // namespace millwright::ml
