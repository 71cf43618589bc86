#pragma once
/// Counters, gauges and histograms of this process, in the Prometheus text format.
///
/// Threads: any; adding to a counter is a few nanoseconds and takes no lock. Asking for an
/// instrument takes a lock: keep the reference. References stay valid as long as the Telemetry.

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace millwright::telemetry {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double by = 1) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double by) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Telemetry {
 public:
  Telemetry();
  ~Telemetry();

  /// The same name and labels answer the same instrument. Names are Prometheus names with a unit:
  /// millwright_samples_stored_total, millwright_commit_seconds.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  /// `bounds` ascend; +Inf is added.
  Histogram& histogram(const std::string& name, const std::string& help,
                       const std::vector<double>& bounds, const Labels& labels = {});

  /// Content type: text/plain; version=0.0.4
  std::string exposition() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bounds for durations in seconds, 0.5 ms to 10 s.
const std::vector<double>& duration_bounds();

}  // namespace millwright::telemetry
