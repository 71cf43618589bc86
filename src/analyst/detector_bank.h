#pragma once
/// The detectors of one tenant, by device, with what they have learnt kept in the catalog.
///
/// A device's detectors are read when its first samples come. Not thread-safe: the analyst's worker
/// owns it.

#include <map>
#include <memory>
#include <string>

#include "analyst/anomaly_book.h"
#include "analyst/series_watcher.h"

namespace millwright {

class DetectorBank {
 public:
  /// All outlive the bank.
  DetectorBank(TenantStore& store, Bus& bus, const Clock& clock)
      : store_(store), book_(store, bus, clock) {}

  void observe(const Metric& metric, const SampleColumns& samples);
  void observe(const Metric& metric, const Waveform& block);
  /// Looks for metrics of the device that have stopped while others have come as far as `now_us`.
  void notice_silence(const DeviceId& device, std::int64_t now_us);
  /// Saves the detectors of devices that sent something since the last call.
  void save();
  /// Drops the device's detectors and what was saved of them.
  void forget(const DeviceId& device);

  std::uint64_t changes() const { return changes_; }  ///< anomalies opened, updated or closed

 private:
  struct Watched {
    Metric metric;
    SeriesWatcher watcher;
  };
  struct DeviceBank {
    std::map<SeriesId, Watched> watched;
    bool has_changed = false;
    std::int64_t silence_noticed_us = 0;
  };

  DeviceBank& bank_of(const DeviceId& device);
  SeriesWatcher& watcher_of(const Metric& metric);
  void restore(const DeviceId& device, DeviceBank& bank);
  void note(const Metric& metric, const std::vector<FeatureChange>& changes);
  std::string encode(const DeviceBank& bank) const;

  TenantStore& store_;
  AnomalyBook book_;
  std::map<DeviceId, DeviceBank> devices_;
  std::uint64_t changes_ = 0;
};

}  // namespace millwright
