#pragma once
/// Reads a machine: yields what is due, and says when to ask again.
///
/// Threads: one at a time. Errors: kUnavailable when the machine does not answer now (ask again at
/// next_due()), anything else when it never will.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright {

struct MetricDescription {
  std::string path;
  std::string metric_identifier;
  std::string unit;
  std::string display_name;
  MetricType type = MetricType::kNumericScalar;
  friend auto operator<=>(const MetricDescription&, const MetricDescription&) = default;
};

/// Both faces of one moment. Intervals go by the steady one, time stamps by the wall.
struct Moment {
  Timestamp wall{};
  std::chrono::steady_clock::time_point steady{};

  static Moment of(const Clock& clock) { return {clock.now(), clock.steady_now()}; }
  /// Wall time of a moment that lies this much before.
  std::int64_t wall_us_at(std::chrono::steady_clock::time_point earlier) const {
    return to_us(wall) - std::chrono::duration_cast<Microseconds>(steady - earlier).count();
  }
};

/// What one metric yielded: samples, or a block of equally spaced ones.
struct Reading {
  std::size_t metric = 0;  ///< index into metrics()
  std::variant<SampleColumns, Waveform> values;
};

class Connector {
 public:
  virtual ~Connector() = default;
  /// Fixed for the life of the connector.
  virtual std::span<const MetricDescription> metrics() const = 0;
  /// When read() will have something; time_point::max() when never again.
  virtual std::chrono::steady_clock::time_point next_due() const = 0;
  /// Everything that is due by `now`; empty when nothing is.
  virtual Result<std::vector<Reading>> read(Moment now) = 0;
};

/// Goes off every `interval`. What was missed while the process stood still is left out.
class Schedule {
 public:
  Schedule(std::chrono::steady_clock::time_point first, Microseconds interval)
      : due_(first), interval_(interval) {}
  std::chrono::steady_clock::time_point due() const { return due_; }
  bool is_due(Moment now) const { return now.steady >= due_; }
  void advance(Moment now) {
    due_ += interval_;
    if (due_ <= now.steady) due_ = now.steady + interval_;
  }

 private:
  std::chrono::steady_clock::time_point due_;
  Microseconds interval_;
};

}  // namespace millwright
