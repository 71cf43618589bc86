#pragma once
/// Listens to the bus and judges: detectors on every metric, models on the components they fit.
///
/// Every numeric metric gets a streaming detector and every waveform metric a burst detector,
/// without set-up; metrics of one place are watched together, and the course of each metric is
/// compared with its past. The live models of the registry run wherever a path of a device has the
/// metrics that the model names as its inputs. What they find is stored in the tenant's catalog and
/// published as AnomalyChanged and PredictionMade. A metric with a degradation limit is foretold
/// when it will meet it.
///
/// Threads: the bus handler only puts messages into a bounded queue; one worker thread judges. A
/// full queue drops the message, counts its samples (millwright_analyst_dropped_samples_total) and
/// says so in the log: judging never slows storing down.
/// Crash: what detectors have learnt is saved each minute and at stop; a crash costs them at most
/// that minute. Those with a long past save nothing: they read it from the store, in steps, while
/// no message waits. Anomalies that were open then are closed at the next start, saying so.

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "messaging/bus.h"
#include "registry/model_registry.h"
#include "storage/tenant_directory.h"
#include "telemetry/telemetry.h"

namespace millwright {

struct AnalystOptions {
  std::size_t queue_samples = 2'000'000;      ///< samples that may wait; 16 bytes each
  std::size_t courses = 1'000;                ///< metrics compared with weeks of past; 250 KB each
  std::chrono::seconds save_interval{60};     ///< between two savings of the detectors
  std::chrono::seconds refresh_interval{60};  ///< between two looks for new live models
  std::chrono::seconds idle_after{900};       ///< a tenant without samples so long is let go
};

class Analyst {
 public:
  /// Everything outlives the analyst. `registry` may be null: then only detectors run.
  Analyst(TenantDirectory& directory, Bus& bus, ModelRegistry* registry, const Clock& clock,
          telemetry::Telemetry& telemetry, AnalystOptions options = {});
  /// As stop().
  ~Analyst();

  /// Subscribes and starts the worker.
  void start();
  /// Ends the subscription, judges what waits, saves the detectors. May be called twice.
  void stop();
  /// Returns when everything published before the call has been judged. For tests and `evaluate`.
  void drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright
