#pragma once
/// Events between services, after the commit that made them true.
///
/// Threads: publish() from any thread. A handler runs on the publisher's thread and must only hand
/// the message on (to an executor or a queue), never block, never call publish(). Delivery is at
/// most once and in the publisher's order; what must not be lost is read from the store.

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "model/device.h"
#include "model/event.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright {

struct StoredScalars {
  Metric metric;
  SampleColumns samples;
};
struct StoredWaveform {
  Metric metric;
  Waveform block;
};

/// New samples of one tenant, all of one commit.
struct SamplesStored {
  TenantId tenant;
  std::vector<StoredScalars> scalars;
  std::vector<StoredWaveform> waveforms;
};
struct StatusChanged {
  TenantId tenant;
  DeviceId device;
  DeviceStatus status;
  Timestamp at{};
};
struct EventStored {
  TenantId tenant;
  Event event;
};
struct AnomalyChanged {
  TenantId tenant;
  Anomaly anomaly;
};
struct PredictionMade {
  TenantId tenant;
  Prediction prediction;
};
struct DeviceRemoved {
  TenantId tenant;
  DeviceId device;
};

using Message = std::variant<SamplesStored, StatusChanged, EventStored, AnomalyChanged,
                             PredictionMade, DeviceRemoved>;

/// Ends the subscription when it goes; waits for a handler that is running.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

class Bus {
 public:
  using Handler = std::function<void(const std::shared_ptr<const Message>&)>;
  virtual ~Bus() = default;
  virtual void publish(Message message) = 0;
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(Handler handler) = 0;
};

}  // namespace millwright
