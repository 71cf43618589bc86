#pragma once
/// A rule of a person: a value above or below a limit for at least some time.
///
/// The time runs from the first sample beyond the limit to the newest, as long as none between them
/// says otherwise: a pause without samples does not interrupt it. With no time one sample is
/// enough. It is over with the first sample that is not beyond. Not thread-safe: one object per
/// metric.

#include <cstdint>
#include <optional>

namespace millwright::ml {

class LimitRule {
 public:
  struct Options {
    bool is_above = true;
    double limit = 0.0;
    std::int64_t hold_us = 0;  ///< >= 0.
  };
  struct Change {
    bool is_open = true;
    std::int64_t start_us = 0;  ///< Of the first sample beyond.
    std::int64_t end_us = 0;    ///< Of the newest beyond: by now, or the last.
    double extreme = 0.0;       ///< The farthest value so far.
  };

  explicit LimitRule(const Options& options) : options_(options) {}

  /// Takes the next sample; answers an opening or a closing. A time that is not after the last one
  /// and a value that is not finite are ignored.
  std::optional<Change> update(std::int64_t t_us, double value);

 private:
  const Options options_;
  std::optional<std::int64_t> last_us_;
  std::optional<Change> beyond_;  ///< While values are; open when they have been for long enough.
};

}  // namespace millwright::ml
