#include "ml/evaluation/splits.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace millwright::ml {

std::vector<Range> cut_recordings(std::span<const RecordingKey> keys, std::int64_t interval_us) {
  std::vector<Range> recordings;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= keys.size(); ++i) {
    bool cut = i == keys.size();
    if (!cut) {
      const RecordingKey& a = keys[i - 1];
      const RecordingKey& b = keys[i];
      const std::int64_t passed = b.t_us - a.t_us;
      cut = passed <= 0 || 2 * passed > 3 * interval_us || a.speed != b.speed || a.load != b.load ||
            a.label != b.label;
    }
    if (!cut) continue;
    recordings.push_back({begin, i});
    begin = i;
  }
  return recordings;
}

std::vector<std::size_t> window_starts(const Range& range, std::size_t window, std::size_t step) {
  std::vector<std::size_t> starts;
  if (window == 0 || step == 0) return starts;
  for (std::size_t at = range.begin; at + window <= range.end; at += step) starts.push_back(at);
  return starts;
}

TimeSplit split_in_time(const Range& recording, double train_share, std::size_t gap) {
  const auto border =
      recording.begin +
      static_cast<std::size_t>(std::floor(static_cast<double>(recording.size()) * train_share));
  const std::size_t train_end = border - std::min(gap, border - recording.begin);
  return {{recording.begin, train_end}, {border, recording.end}};
}

std::vector<std::size_t> keep_apart(std::span<const std::size_t> train,
                                    std::span<const std::size_t> test,
                                    std::span<const std::int64_t> numbers) {
  std::set<std::int64_t> tested;
  for (const std::size_t i : test) tested.insert(numbers[i]);
  std::vector<std::size_t> kept;
  for (const std::size_t i : train) {
    if (!tested.contains(numbers[i] - 1) && !tested.contains(numbers[i] + 1)) kept.push_back(i);
  }
  return kept;
}

}  // namespace millwright::ml
