#pragma once
/// Honest splits of recordings into windows.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millwright::ml {

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< One past the last sample.
  std::size_t size() const { return end - begin; }
};

/// One row of a file, as far as it decides where a recording ends.
struct RecordingKey {
  std::int64_t t_us = 0;
  double speed = 0.0;
  double load = 0.0;
  int label = 0;
};

/// Cuts where speed, load or label change, or time does not go on by about `interval_us`
/// (more than 1.5 intervals, or backwards). Pure. O(n).
std::vector<Range> cut_recordings(std::span<const RecordingKey> keys, std::int64_t interval_us);

/// Starts of windows that lie whole inside the range.
std::vector<std::size_t> window_starts(const Range& range, std::size_t window, std::size_t step);

struct TimeSplit {
  Range train;
  Range test;
};
/// The first `train_share` of a recording trains, the rest tests, without `gap` samples between:
/// the gap is taken from the end of the training part, so that the tested part is the same for
/// every window size.
TimeSplit split_in_time(const Range& recording, double train_share, std::size_t gap);

/// The places in `train` without those whose number lies next to one of a place in `test`, so that
/// one cycle lies between a training cycle and a tested one. `numbers` are the cycles' places in
/// the experiment, by index; both lists hold indices. Pure.
std::vector<std::size_t> keep_apart(std::span<const std::size_t> train,
                                    std::span<const std::size_t> test,
                                    std::span<const std::int64_t> numbers);

}  // namespace millwright::ml
