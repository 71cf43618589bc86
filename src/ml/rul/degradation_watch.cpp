#include "ml/rul/degradation_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr double kWindow_s = 6.0 * 3600.0;
constexpr double kLongStop_s = 24.0 * 3600.0;
constexpr double kRunningShare = 0.1;    // of the usual level
constexpr double kLimitFactor = 2.0;     // of the largest deviation within the reference
constexpr double kSmallestLimit = 0.02;  // a reference without any scatter
constexpr double kEndShare = 0.5;        // of the limit
constexpr double kNeighbourShare = 1.0 / 3.0;

double median_of(const std::deque<double>& values) {
  return signal::median(std::vector<double>(values.begin(), values.end()));
}

void push(std::deque<double>& window, double value, std::size_t capacity) {
  window.push_back(value);
  if (window.size() > capacity) window.pop_front();
}

}  // namespace

DegradationWatch::DegradationWatch(std::size_t parts, double period_s)
    : parts_(parts),
      window_(static_cast<std::size_t>(std::max(3.0, std::round(kWindow_s / period_s)))),
      last_time_s_(-std::numeric_limits<double>::infinity()) {}

Result<> DegradationWatch::check(const PartLevels& snapshot) const {
  if (snapshot.levels.size() != parts_.size()) {
    return invalid_argument("a snapshot has " + std::to_string(snapshot.levels.size()) +
                            " levels; the machine has " + std::to_string(parts_.size()) + " parts");
  }
  for (const double level : snapshot.levels) {
    if (!std::isfinite(level) || level < 0.0) {
      return invalid_argument("a level is negative or not finite: leave such a snapshot out");
    }
  }
  if (!(snapshot.time_s > last_time_s_)) {
    return invalid_argument("the times of the snapshots do not ascend: sort them");
  }
  return {};
}

bool DegradationWatch::is_running(const PartLevels& snapshot) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (snapshot.levels[i] > kRunningShare * parts_[i].usual) return true;
  }
  return false;
}

void DegradationWatch::take_step_out(Part& part) const {
  if (part.recent.size() == window_ && !part.state.in_alarm) {
    part.restart_step = median_of(part.settling) - median_of(part.recent);
  }
}

bool DegradationWatch::take(const PartLevels& snapshot) {
  if (snapshot.time_s - last_time_s_ > kLongStop_s && std::isfinite(last_time_s_)) {
    is_settling_ = true;
    for (Part& part : parts_) part.settling.clear();
  }
  last_time_s_ = snapshot.time_s;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const double log = std::log(std::max(snapshot.levels[i], kRunningShare * part.usual));
    if (is_settling_) {
      part.settling.push_back(log);
    } else {
      push(part.recent, log - part.restart_step, window_);
    }
  }
  if (!is_settling_) return true;
  if (parts_[0].settling.size() == window_) {
    for (Part& part : parts_) take_step_out(part);
    is_settling_ = false;
  }
  return false;
}

std::vector<double> DegradationWatch::indicators(std::span<const double> logs) const {
  std::vector<double> rises(parts_.size());
  for (std::size_t i = 0; i < rises.size(); ++i) rises[i] = logs[i] - parts_[i].reference;
  std::vector<double> out(parts_.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::vector<double> others = rises;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    out[i] = rises[i] - (others.empty() ? 0.0 : signal::median(others)) - parts_[i].bias;
  }
  return out;
}

void DegradationWatch::learn_limit(const std::vector<std::vector<double>>& logs) {
  const auto column = [&](const std::vector<std::vector<double>>& rows, std::size_t i) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[i]);
    return values;
  };
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].reference = signal::median(column(logs, i));
  }
  std::vector<std::vector<double>> residuals;
  for (const auto& row : logs) residuals.push_back(indicators(row));
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].bias = signal::median(column(residuals, i));
  }
  double largest = 0.0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    for (const auto& row : residuals) {
      push(parts_[i].residuals, row[i] - parts_[i].bias, window_);
      if (parts_[i].residuals.size() < window_) continue;
      largest = std::max(largest, std::abs(median_of(parts_[i].residuals)));
    }
  }
  for (Part& part : parts_) part.state.limit = std::max(kSmallestLimit, kLimitFactor * largest);
}

Result<DegradationWatch> DegradationWatch::learn(std::span<const PartLevels> reference,
                                                 double period_s) {
  if (!(period_s > 0.0) || reference.empty() || reference[0].levels.empty()) {
    return invalid_argument("a degradation watch needs a reference, parts and a period above 0");
  }
  DegradationWatch watch(reference[0].levels.size(), period_s);
  DegradationWatch order = watch;
  for (const PartLevels& snapshot : reference) {
    if (auto good = order.check(snapshot); !good) return good.error();
    order.last_time_s_ = snapshot.time_s;
  }
  for (std::size_t i = 0; i < watch.parts_.size(); ++i) {
    std::vector<double> levels;
    for (const PartLevels& snapshot : reference) levels.push_back(snapshot.levels[i]);
    watch.parts_[i].usual = signal::median(levels);
    if (watch.parts_[i].usual > 0.0) continue;
    return invalid_argument("part " + std::to_string(i + 1) +
                            " is at 0 in most of the reference: check its sensor");
  }
  std::vector<std::vector<double>> logs;
  for (const PartLevels& snapshot : reference) {
    if (!watch.is_running(snapshot) || !watch.take(snapshot)) continue;
    std::vector<double> row;
    for (const Part& part : watch.parts_) row.push_back(part.recent.back());
    logs.push_back(std::move(row));
  }
  if (logs.size() < 2 * watch.window_) {
    return invalid_argument("the reference holds " + std::to_string(logs.size()) +
                            " snapshots of a running machine; at least " +
                            std::to_string(2 * watch.window_) + " are needed (twelve hours)");
  }
  watch.learn_limit(logs);
  return watch;
}

Result<std::vector<PartState>> DegradationWatch::observe(const PartLevels& snapshot) {
  if (auto good = check(snapshot); !good) return good.error();
  if (is_running(snapshot) && take(snapshot)) {
    std::vector<double> logs;
    for (const Part& part : parts_) logs.push_back(part.recent.back());
    const std::vector<double> now = indicators(logs);
    double largest = 0.0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      push(parts_[i].residuals, now[i], window_);
      parts_[i].state.rise = median_of(parts_[i].residuals);
      largest = std::max(largest, parts_[i].state.rise);
    }
    for (Part& part : parts_) {
      PartState& state = part.state;
      const double share = state.in_alarm ? kEndShare : 1.0;
      const bool is_own = state.in_alarm || state.rise >= kNeighbourShare * largest;
      state.in_alarm = is_own && state.rise > share * state.limit;
    }
  }
  std::vector<PartState> states;
  for (const Part& part : parts_) states.push_back(part.state);
  return states;
}

}  // namespace millwright::ml
