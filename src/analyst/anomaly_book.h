#pragma once
/// From what detectors say to anomalies in the catalog and on the bus.
///
/// An opening, a new kind and a closing are written at once; a mere growth of severity at most
/// every five seconds, so that a machine gone wild does not become a storm of commits.
/// Not thread-safe: the analyst's worker owns it.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyst/series_watcher.h"
#include "base/clock.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

/// What is saved of an open anomaly.
struct OpenAnomaly {
  std::string feature;
  std::int64_t id = 0;
  std::int64_t start_us = 0;
};

class AnomalyBook {
 public:
  /// All outlive the book.
  AnomalyBook(TenantStore& store, Bus& bus, const Clock& clock)
      : store_(store), bus_(bus), clock_(clock) {}

  /// Errors: those of the catalog; the change is kept and written with the next one.
  Result<> apply(const Metric& metric, const FeatureChange& change);

  std::vector<OpenAnomaly> open_of(SeriesId series) const;
  void restore(const Metric& metric, const OpenAnomaly& open);
  void forget(SeriesId series);
  /// Closes the device's anomalies that the catalog holds open and no detector here follows: their
  /// detector was lost with a crash.
  Result<> close_orphans(const Device& device);

 private:
  struct Entry {
    Anomaly anomaly;
    std::chrono::steady_clock::time_point written{};
  };
  using Key = std::pair<SeriesId, std::string>;

  Result<> write(Entry& entry);

  TenantStore& store_;
  Bus& bus_;
  const Clock& clock_;
  std::map<Key, Entry> open_;
};

}  // namespace millwright
