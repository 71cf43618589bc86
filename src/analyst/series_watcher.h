#pragma once
/// The detector of one series: a streaming one for single samples, one of bursts for waveforms.
///
/// Not thread-safe: the analyst's worker owns it.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ml/anomaly/burst_detector.h"
#include "ml/anomaly/streaming_detector.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright {

/// `feature` is what is watched of a burst ("rms"); empty for single samples.
struct FeatureChange {
  std::string feature;
  ml::AnomalyChange change;
};

class SeriesWatcher {
 public:
  explicit SeriesWatcher(const Metric& metric);
  /// Errors: kInvalidArgument when the bytes are not from save() of such a metric.
  static Result<SeriesWatcher> restore(const Metric& metric, std::string_view bytes);

  /// At most one change a sample. Samples that are not after the last one teach nothing.
  std::vector<FeatureChange> update(const SampleColumns& samples);
  std::vector<FeatureChange> update(const Waveform& block);
  /// See StreamingDetector; nothing for waveforms.
  std::vector<FeatureChange> notice_silence(std::int64_t now_us);

  std::string save() const;

 private:
  using Detector = std::variant<ml::StreamingDetector, ml::BurstDetector>;
  explicit SeriesWatcher(Detector detector) : detector_(std::move(detector)) {}
  Detector detector_;
};

}  // namespace millwright
