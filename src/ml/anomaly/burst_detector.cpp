#include "ml/anomaly/burst_detector.h"

#include <cstring>

#include "signal/spectrum.h"
#include "signal/statistics.h"

namespace millwright::ml {
namespace {

constexpr std::size_t kShortestBurst = 16;

struct Feature {
  const char* name;
  double WaveformFeatures::*value;
  bool has_unit;  ///< Whether it is in the metric's unit.
  const char* unit;
};
constexpr Feature kFeatures[] = {
    {"mean", &WaveformFeatures::mean, true, ""},
    {"rms", &WaveformFeatures::rms, true, ""},
    {"peak_to_peak", &WaveformFeatures::peak_to_peak, true, ""},
    {"crest", &WaveformFeatures::crest, false, ""},
    {"kurtosis", &WaveformFeatures::kurtosis, false, ""},
    {"centroid", &WaveformFeatures::centroid_hz, false, "Hz"},
};

DetectorOptions options_of(const DetectorOptions& metric, const Feature& feature) {
  DetectorOptions options = metric;
  options.name = std::string(feature.name) + " of " + metric.name;
  options.unit = feature.has_unit ? metric.unit : feature.unit;
  return options;
}

}  // namespace

WaveformFeatures waveform_features(std::span<const double> values, double sample_rate_hz) {
  const signal::Shape shape = signal::shape_of(values);
  WaveformFeatures features;
  features.mean = shape.mean;
  features.rms = shape.rms;
  features.peak_to_peak = shape.peak_to_peak;
  features.crest = shape.crest;
  features.kurtosis = shape.kurtosis;
  features.centroid_hz = signal::centroid_hz(signal::amplitude_spectrum(values, sample_rate_hz));
  return features;
}

BurstDetector::BurstDetector(const DetectorOptions& options) {
  for (const Feature& feature : kFeatures) {
    watched_.push_back({feature.name, StreamingDetector(options_of(options, feature))});
  }
}

std::vector<BurstChange> BurstDetector::update(std::int64_t start_us,
                                               std::span<const double> values,
                                               double sample_rate_hz) {
  std::vector<BurstChange> changes;
  if (values.size() < kShortestBurst) return changes;
  const WaveformFeatures features = waveform_features(values, sample_rate_hz);
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    auto change = watched_[i].detector.update(start_us, features.*kFeatures[i].value);
    if (change) changes.push_back({watched_[i].feature, std::move(*change)});
  }
  return changes;
}

DetectorState BurstDetector::state() const {
  for (const Watched& watched : watched_) {
    if (watched.detector.state() == DetectorState::kLearning) return DetectorState::kLearning;
  }
  return DetectorState::kReady;
}

bool BurstDetector::is_anomalous() const {
  for (const Watched& watched : watched_) {
    if (watched.detector.is_anomalous()) return true;
  }
  return false;
}

std::string BurstDetector::save() const {
  std::string out;
  for (const Watched& watched : watched_) out += watched.detector.save();
  return out;
}

Result<BurstDetector> BurstDetector::restore(const DetectorOptions& options,
                                             std::string_view bytes) {
  BurstDetector detector(options);
  const std::size_t each = bytes.size() / detector.watched_.size();
  if (each * detector.watched_.size() != bytes.size()) {
    return invalid_argument("saved burst detector state of " + options.name +
                            " has a wrong length: start with a new detector, it learns again");
  }
  for (std::size_t i = 0; i < detector.watched_.size(); ++i) {
    MW_ASSIGN(detector.watched_[i].detector,
              StreamingDetector::restore(options_of(options, kFeatures[i]),
                                         bytes.substr(i * each, each)));
  }
  return detector;
}

}  // namespace millwright::ml
