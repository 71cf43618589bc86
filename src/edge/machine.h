#pragma once
/// The connectors that the agent reads, and the sensors among them that may be changed at run time.
///
/// Not thread-safe: the agent guards it.

#include <functional>
#include <memory>
#include <optional>

#include "connectors/connector.h"
#include "connectors/sensor_spec.h"

namespace millwright::edge {

/// Makes a connector for a sensor whose first reading is due at `start`.
using SensorFactory =
    std::function<Result<std::unique_ptr<Connector>>(const SensorSpec& spec, Moment start)>;

class Machine {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Receives a reading together with its metric.
  using Taker =
      std::function<void(const MetricDescription&, std::variant<SampleColumns, Waveform>)>;

  explicit Machine(SensorFactory factory) : factory_(std::move(factory)) {}

  /// Adds a connector that stays. Errors: kAlreadyExists when it yields a metric that is there.
  Result<> add_connector(std::string name, std::unique_ptr<Connector> connector);
  /// Errors: kAlreadyExists naming sensor or metric; the factory's.
  Result<> add_sensor(const SensorSpec& spec, Moment now);
  /// An empty `path` means: wherever it is, if it is there once.
  /// Errors: kNotFound; kFailedPrecondition when it is at several paths.
  Result<> remove_sensor(const std::string& identifier, const std::string& path);
  std::vector<SensorSpec> sensors() const;

  /// Reads everything that is due. A connector that fails is asked again when it says so.
  void read(Moment now, const Taker& take);
  Time next_due() const;

 private:
  struct Part {
    std::string name;
    std::optional<SensorSpec> spec;  ///< of a sensor
    std::unique_ptr<Connector> connector;
    bool has_failed = false;  ///< said in the log once
  };

  Result<> check_metrics(const Connector& connector) const;

  SensorFactory factory_;
  std::vector<Part> parts_;
};

}  // namespace millwright::edge
