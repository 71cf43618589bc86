#include "analyst/series_watcher.h"

namespace millwright {
namespace {

/// Bursts come every 30 s or so: a quarter of an hour of them is enough to start.
constexpr int kBurstsToLearn = 30;

ml::DetectorOptions options_of(const Metric& metric) {
  ml::DetectorOptions options;
  options.name = metric.display_name.empty() ? metric.key.metric.str() : metric.display_name;
  options.unit = metric.unit;
  if (metric.type == MetricType::kWaveform) options.learning_samples = kBurstsToLearn;
  return options;
}

}  // namespace

SeriesWatcher::SeriesWatcher(const Metric& metric)
    : detector_(metric.type == MetricType::kWaveform
                    ? Detector(ml::BurstDetector(options_of(metric)))
                    : Detector(ml::StreamingDetector(options_of(metric)))) {}

Result<SeriesWatcher> SeriesWatcher::restore(const Metric& metric, std::string_view bytes) {
  if (metric.type == MetricType::kWaveform) {
    MW_ASSIGN(auto detector, ml::BurstDetector::restore(options_of(metric), bytes));
    return SeriesWatcher(Detector(std::move(detector)));
  }
  MW_ASSIGN(auto detector, ml::StreamingDetector::restore(options_of(metric), bytes));
  return SeriesWatcher(Detector(std::move(detector)));
}

std::vector<FeatureChange> SeriesWatcher::update(const SampleColumns& samples) {
  std::vector<FeatureChange> changes;
  auto* detector = std::get_if<ml::StreamingDetector>(&detector_);
  if (!detector) return changes;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    auto change = detector->update(samples.timestamp_us[i], samples.value[i]);
    if (change) changes.push_back({"", std::move(*change)});
  }
  return changes;
}

std::vector<FeatureChange> SeriesWatcher::update(const Waveform& block) {
  std::vector<FeatureChange> changes;
  auto* detector = std::get_if<ml::BurstDetector>(&detector_);
  if (!detector) return changes;
  const std::vector<double> values(block.value.begin(), block.value.end());
  for (auto& found : detector->update(block.start_us, values, block.sample_rate_hz)) {
    changes.push_back({std::move(found.feature), std::move(found.change)});
  }
  return changes;
}

std::vector<FeatureChange> SeriesWatcher::notice_silence(std::int64_t now_us) {
  auto* detector = std::get_if<ml::StreamingDetector>(&detector_);
  if (!detector) return {};
  auto change = detector->notice_silence(now_us);
  if (!change) return {};
  return {{"", std::move(*change)}};
}

std::string SeriesWatcher::save() const {
  return std::visit([](const auto& detector) { return detector.save(); }, detector_);
}

}  // namespace millwright
