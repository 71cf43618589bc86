#pragma once
/// Anomaly detector of a waveform metric: watches features of each burst, not the samples.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ml/anomaly/streaming_detector.h"

namespace millwright::ml {

/// What is watched of one burst; see signal/statistics.h.
struct WaveformFeatures {
  double mean = 0.0;          ///< Unit of the metric.
  double rms = 0.0;           ///< Unit of the metric, round the mean.
  double peak_to_peak = 0.0;  ///< Unit of the metric.
  double crest = 0.0;
  double kurtosis = 0.0;
  double centroid_hz = 0.0;
};
/// values shape (n,), sample_rate_hz > 0. Pure. O(n log n).
WaveformFeatures waveform_features(std::span<const double> values, double sample_rate_hz);

struct BurstChange {
  std::string feature;  ///< "rms", "peak_to_peak", "crest", "kurtosis", "centroid", "mean".
  AnomalyChange change;
};

/// One StreamingDetector per feature; all that its header says holds here. `learning_samples` of
/// the options counts bursts; 30 is a good value for bursts every 30 s.
class BurstDetector {
 public:
  explicit BurstDetector(const DetectorOptions& options);

  /// Takes the next burst: its start, and the samples (n >= 16; shorter bursts are ignored).
  std::vector<BurstChange> update(std::int64_t start_us, std::span<const double> values,
                                  double sample_rate_hz);
  DetectorState state() const;
  bool is_anomalous() const;

  std::string save() const;
  /// Errors: kInvalidArgument when the bytes are not from `save` of this version.
  static Result<BurstDetector> restore(const DetectorOptions& options, std::string_view bytes);

 private:
  struct Watched {
    std::string feature;
    StreamingDetector detector;
  };
  std::vector<Watched> watched_;
};

}  // namespace millwright::ml
