#pragma once
/// Puts samples into an append, the samples of a series together.

#include <unordered_map>

#include "storage/sample_store.h"

namespace millwright::ingest {

/// Metrics of the series that a group touches, for the bus.
using TouchedMetrics = std::unordered_map<SeriesId, Metric>;

class SeriesSlots {
 public:
  SeriesSlots(Append& out, TouchedMetrics& touched) : out_(out), touched_(touched) {}

  /// The columns of that metric's series; valid until the next call.
  SampleColumns& columns(const Metric& metric) {
    const auto [slot, is_new] = slots_.try_emplace(metric.series, out_.samples.size());
    if (is_new) {
      out_.samples.push_back({metric.series, {}});
      touch(metric);
    }
    return out_.samples[slot->second].samples;
  }
  void add(const Metric& metric, Waveform block) {
    out_.waveforms.push_back({metric.series, std::move(block)});
    touch(metric);
  }

 private:
  // The newest wins: a dictionary entry may have changed the unit.
  void touch(const Metric& metric) { touched_.insert_or_assign(metric.series, metric); }

  Append& out_;
  TouchedMetrics& touched_;
  std::unordered_map<SeriesId, std::size_t> slots_;
};

/// Why a sample's time cannot be taken; none when it can. `latest_us` is now plus the tolerance.
inline const char* time_problem(std::int64_t timestamp_us, std::int64_t latest_us) {
  if (timestamp_us < 0) return "before_1970";
  if (timestamp_us > latest_us) return "in_future";
  return nullptr;
}

}  // namespace millwright::ingest
