#pragma once
/// The edge agent: reads the machine, journals, and only then delivers.
///
/// One thread calls step() in a loop and sleeps until the time that it answers or until `wake` is
/// called. The sensor methods and token() may be called from any thread; they wait for a step in
/// progress, at most about one sync of the journal.

#include <mutex>

#include "edge/delivery.h"
#include "edge/machine.h"
#include "edge/mover.h"
#include "edge/recorder.h"

namespace millwright::edge {

struct AgentOptions {
  std::string device;
  RecorderOptions recorder;
  DeliveryOptions delivery;
  std::string sensor_file;                                 ///< empty: sensors are not kept
  Microseconds report_interval = std::chrono::minutes(1);  ///< of the line with counts in the log
};

/// What the agent stands on; must outlive it.
struct AgentParts {
  journal::Journal& journal;
  uplink::Uplink& uplink;
  const Clock& clock;
  SecretSource secrets;
  SensorFactory sensors;
  std::function<void()> wake;  ///< called from any thread when step() has something to do
  std::uint64_t seed = 1;      ///< of the back-off
};

class Agent {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Agent(AgentParts parts, AgentOptions options);

  /// The sensors of the sensor file, or `initial` when there is no file yet.
  /// Errors: kInvalidArgument naming file or sensor.
  Result<> load_sensors(const std::vector<SensorSpec>& initial);
  /// Adds a connector that is not a sensor, such as a replay.
  Result<> add_connector(std::string name, std::unique_ptr<Connector> connector);

  /// Does everything that is due. Answers when to call again at the latest.
  /// Errors: kDataLoss when the journal is broken; the process must end and be started again.
  Result<Time> step();
  /// Journals what is pending, delivers for at most `patience`, says offline.
  Result<> stop(std::chrono::milliseconds patience);

  // From any thread.
  Result<> add_sensor(const SensorSpec& spec);
  Result<> remove_sensor(const std::string& identifier, const std::string& path);
  /// Lets a simulated temperature or humidity show anomalies in spans; the sensor begins anew.
  /// An empty path means the first sensor of that identifier. Errors: kNotFound, kInvalidArgument.
  Result<> add_anomalies(const std::string& identifier, const std::string& path,
                         const std::vector<InjectedAnomaly>& anomalies);
  std::vector<SensorSpec> sensors() const;
  bool is_connected() const;
  std::optional<std::string> token() const { return delivery_.token(); }

  const DeliveryCounts& counts() const { return delivery_.counts(); }
  std::uint64_t samples() const { return recorder_.samples(); }

 private:
  Result<> store_sensors();
  void read_machine(Moment now);
  Result<Time> step_locked();
  /// Logs an error that can be lived with; hands on one that cannot.
  Result<> tolerate(const Result<>& result);
  void report(Time now);

  mutable std::mutex mutex_;  // guards everything below but delivery_.token()
  AgentOptions options_;
  journal::Journal& journal_;
  const Clock& clock_;
  std::function<void()> wake_;
  Machine machine_;
  Recorder recorder_;
  Mover mover_;
  Delivery delivery_;
  Time tolerated_until_ = Time::min();  // no second log line before
  Time report_at_ = Time::min();
};

}  // namespace millwright::edge
