#include "edge/agent.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "edge/sensor_file.h"

namespace millwright::edge {
namespace {
constexpr auto kRetryAfterError = std::chrono::seconds(1);
constexpr auto kQuietAfterError = std::chrono::seconds(30);
}  // namespace

Agent::Agent(AgentParts parts, AgentOptions options)
    : options_(std::move(options)),
      journal_(parts.journal),
      clock_(parts.clock),
      wake_(parts.wake),
      machine_(std::move(parts.sensors)),
      recorder_(parts.journal, parts.clock, options_.device, options_.recorder),
      mover_(parts.journal, parts.clock),
      delivery_(parts.journal, mover_, parts.uplink, std::move(parts.secrets), parts.clock,
                options_.delivery, parts.wake, parts.seed) {
  delivery_.on_metrics_unknown([this] { recorder_.declare_metrics_again(); });
}

Result<> Agent::load_sensors(const std::vector<SensorSpec>& initial) {
  const std::lock_guard lock(mutex_);
  std::vector<SensorSpec> sensors = initial;
  if (!options_.sensor_file.empty()) {
    MW_ASSIGN(auto stored, edge::load_sensors(options_.sensor_file));
    if (stored) sensors = std::move(*stored);
  }
  for (const SensorSpec& spec : sensors) {
    if (auto added = machine_.add_sensor(spec, Moment::of(clock_)); !added) {
      return Error{
          added.error().code, "sensor '" + spec.identifier + "': " + added.error().message, {}};
    }
  }
  return store_sensors();
}

Result<> Agent::add_connector(std::string name, std::unique_ptr<Connector> connector) {
  const std::lock_guard lock(mutex_);
  return machine_.add_connector(std::move(name), std::move(connector));
}

Result<> Agent::store_sensors() {
  if (options_.sensor_file.empty()) return {};
  return edge::store_sensors(options_.sensor_file, machine_.sensors());
}

Result<Agent::Time> Agent::step() {
  const std::lock_guard lock(mutex_);
  return step_locked();
}

void Agent::read_machine(Moment now) {
  machine_.read(now, [&](const MetricDescription& metric, auto values) {
    recorder_.add(metric, std::move(values));
  });
}

Result<Agent::Time> Agent::step_locked() {
  const Moment now = Moment::of(clock_);
  // What an older epoch holds goes first, so that a short backlog keeps its order.
  const auto moved = mover_.step();
  MW_TRY(tolerate(moved ? Result<>() : Result<>(moved.error())));
  read_machine(now);
  MW_TRY(recorder_.flush_if_due());
  Time next = std::min(machine_.next_due(), recorder_.due());
  if (!moved) next = std::min(next, now.steady + kRetryAfterError);
  if (moved && *moved) next = now.steady;

  const auto delivered = delivery_.step();
  MW_TRY(tolerate(delivered ? Result<>() : Result<>(delivered.error())));
  next = std::min(next, delivered ? *delivered : now.steady + kRetryAfterError);
  report(now.steady);
  return std::min(next, report_at_);
}

Result<> Agent::tolerate(const Result<>& result) {
  if (result) return {};
  if (result.error().code == ErrorCode::kDataLoss) return result.error();
  const Time now = clock_.steady_now();
  if (now >= tolerated_until_) {
    log::error("the journal fails; the agent goes on and tries again",
               {{"reason", result.error().message}});
    tolerated_until_ = now + kQuietAfterError;
  }
  return {};
}

void Agent::report(Time now) {
  if (now < report_at_) return;
  const bool is_first = report_at_ == Time::min();
  report_at_ = now + options_.report_interval;
  if (is_first) return;
  const DeliveryCounts& counts = delivery_.counts();
  const journal::EpochInfo epoch = journal_.current();
  log::info("report", {{"connected", delivery_.is_streaming()},
                       {"samples", recorder_.samples()},
                       {"records_acknowledged", counts.acknowledged_records},
                       {"backlog_records", epoch.next_seq - 1 - epoch.acknowledged},
                       {"samples_refused", counts.refused_samples},
                       {"records_lost", recorder_.lost_records()},
                       {"journal_bytes", journal_.usage().used_bytes}});
}

Result<> Agent::stop(std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  read_machine(Moment::of(clock_));
  MW_TRY(recorder_.flush());
  MW_TRY(step_locked());
  delivery_.stop(patience);
  return {};
}

Result<> Agent::add_sensor(const SensorSpec& spec) {
  {
    const std::lock_guard lock(mutex_);
    MW_TRY(machine_.add_sensor(spec, Moment::of(clock_)));
    if (auto stored = store_sensors(); !stored) {
      MW_TRY(machine_.remove_sensor(spec.identifier, spec.path));
      return stored;
    }
  }
  wake_();
  return {};
}

Result<> Agent::add_anomalies(const std::string& identifier, const std::string& path,
                              const std::vector<InjectedAnomaly>& anomalies) {
  const std::lock_guard lock(mutex_);
  const std::vector<SensorSpec> sensors = machine_.sensors();
  const auto found = std::find_if(sensors.begin(), sensors.end(), [&](const SensorSpec& spec) {
    return spec.identifier == identifier && (path.empty() || spec.path == path);
  });
  if (found == sensors.end()) {
    return not_found("there is no sensor " + quote(identifier) + "; get_sensors lists them");
  }
  if (found->type == SensorType::kVibration) {
    return invalid_argument("sensor " + quote(identifier) +
                            " is a vibration sensor; give it another fault_type instead");
  }
  SensorSpec changed = *found;
  changed.anomalies.insert(changed.anomalies.end(), anomalies.begin(), anomalies.end());
  MW_TRY(machine_.remove_sensor(changed.identifier, changed.path));
  MW_TRY(machine_.add_sensor(changed, Moment::of(clock_)));
  return store_sensors();
}

Result<> Agent::remove_sensor(const std::string& identifier, const std::string& path) {
  const std::lock_guard lock(mutex_);
  MW_TRY(machine_.remove_sensor(identifier, path));
  return store_sensors();
}

std::vector<SensorSpec> Agent::sensors() const {
  const std::lock_guard lock(mutex_);
  return machine_.sensors();
}

bool Agent::is_connected() const {
  const std::lock_guard lock(mutex_);
  return delivery_.is_streaming();
}

}  // namespace millwright::edge
