#pragma once
/// The newest whole window of a model's inputs inside one burst.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/metric.h"
#include "storage/sample_store.h"

namespace millwright {

struct ModelWindow {
  std::vector<std::vector<double>> inputs;  ///< one of shape (window_size,) for each input
  double sample_rate_hz = 0;                ///< 0 of a single row of samples
};

/// The metrics at exactly this path that are a model's inputs, in its order: those whose identifier
/// is the input's name, or ends with a dot and the name, all with the same beginning. Missing where
/// the path does not have them all; the first such set by identifier where it has several.
std::optional<std::vector<Metric>> find_inputs(std::span<const Metric> metrics, const Path& path,
                                               std::span<const std::string> inputs);

/// Waveforms: the last window_size samples before the range's end of the newest burst that all
/// inputs have and that is long enough. Single samples: the last window_size that all inputs have
/// at the same times, where no step is longer than one and a half times the median one. Missing
/// where there is none.
Result<std::optional<ModelWindow>> newest_window(SampleStore& samples,
                                                 std::span<const Metric> inputs,
                                                 std::size_t window_size, TimeRange range);

}  // namespace millwright
