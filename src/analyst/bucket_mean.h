#pragma once
/// Means of a stream over buckets of fixed width that begin at its multiples.

#include <cstdint>
#include <optional>

namespace millwright {

class BucketMean {
 public:
  struct Bucket {
    std::int64_t start_us = 0;
    double mean = 0.0;
  };

  explicit BucketMean(std::int64_t width_us) : width_us_(width_us) {}

  /// Takes a sample; gives the bucket that it finishes. A sample of a finished bucket is left out.
  std::optional<Bucket> add(std::int64_t t_us, double value) {
    const std::int64_t start_us = t_us - (t_us % width_us_ + width_us_) % width_us_;
    std::optional<Bucket> finished;
    if (count_ > 0.0 && start_us < start_us_) return finished;
    if (count_ > 0.0 && start_us > start_us_) {
      finished = Bucket{start_us_, sum_ / count_};
      sum_ = count_ = 0.0;
    }
    start_us_ = start_us;
    sum_ += value;
    count_ += 1.0;
    return finished;
  }

  /// Start of the bucket that is filling; nothing before the first sample.
  std::optional<std::int64_t> filling_us() const {
    return count_ > 0.0 ? std::optional(start_us_) : std::nullopt;
  }

 private:
  std::int64_t width_us_;
  std::int64_t start_us_ = 0;
  double sum_ = 0.0;
  double count_ = 0.0;
};

}  // namespace millwright
