#pragma once
/// Puts samples into an append and notes whose they are.

#include <unordered_map>

#include "storage/sample_store.h"

namespace millwright::ingest {

/// Metrics of the series that a group touches, for the bus.
using TouchedMetrics = std::unordered_map<SeriesId, Metric>;

class AppendColumns {
 public:
  AppendColumns(Append& out, TouchedMetrics& touched) : out_(out), touched_(touched) {}

  void add(const Metric& metric, std::int64_t at_us, double value) {
    const auto& runs = out_.samples.runs;
    if (runs.empty() || runs.back().series != metric.series) touch(metric);
    out_.samples.append(metric.series, at_us, value);
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
};

/// Why a sample's time cannot be taken; none when it can. `latest_us` is now plus the tolerance.
inline const char* time_problem(std::int64_t timestamp_us, std::int64_t latest_us) {
  if (timestamp_us < 0) return "before_1970";
  if (timestamp_us > latest_us) return "in_future";
  return nullptr;
}

}  // namespace millwright::ingest
