#pragma once
/// What the hub counts about itself.

#include <string>

#include "telemetry/telemetry.h"

namespace millwright::ingest {

struct Counters {
  explicit Counters(telemetry::Telemetry& telemetry)
      : all(telemetry),
        samples_stored(telemetry.counter("millwright_samples_stored_total",
                                         "Samples stored, after the commit")),
        records_duplicate(telemetry.counter("millwright_records_duplicate_total",
                                            "Records that were sent again and not stored again")),
        records_quarantined(telemetry.counter("millwright_records_quarantined_total",
                                              "Records that could not be read and are kept")),
        samples_quarantined(telemetry.counter("millwright_samples_quarantined_total",
                                              "Samples too far ahead of the clock, kept")),
        gaps(telemetry.counter("millwright_gaps_declared_total", "Gaps that producers declared")),
        commit_seconds(telemetry.histogram("millwright_commit_seconds",
                                           "Time of one group commit of a tenant",
                                           telemetry::duration_bounds())),
        queue_bytes(telemetry.gauge("millwright_ingest_queue_bytes",
                                    "Bytes received and not yet stored")) {}

  void refused(const std::string& code, std::size_t count) {
    all.counter("millwright_samples_refused_total", "Samples refused, by reason", {{"code", code}})
        .add(static_cast<double>(count));
  }

  telemetry::Telemetry& all;
  telemetry::Counter& samples_stored;
  telemetry::Counter& records_duplicate;
  telemetry::Counter& records_quarantined;
  telemetry::Counter& samples_quarantined;
  telemetry::Counter& gaps;
  telemetry::Histogram& commit_seconds;
  telemetry::Gauge& queue_bytes;
};

}  // namespace millwright::ingest
