#pragma once
/// Buckets of one metric after the other, asked of the store for many metrics at a time: a store
/// plans, decodes and spreads one call over its cores better than a hundred.

#include <cstdint>
#include <span>
#include <vector>

#include "model/metric.h"
#include "storage/sample_store.h"

namespace millwright {

/// Memory: at most kBucketsAhead buckets, or those of one metric where these are more.
/// Threads: one.
class AggregateReader {
 public:
  static constexpr std::size_t kBucketsAhead = 100'000;

  /// Both references outlive the reader. `boundaries_us` ascend strictly, as aggregate() wants
  /// them.
  AggregateReader(SampleStore& samples, const std::vector<Metric>& metrics,
                  std::vector<std::int64_t> boundaries_us);

  /// The buckets of `metrics[index]`, one fewer than boundaries; valid until the next call. Cheap
  /// where the indexes ascend.
  Result<std::span<const Bucket>> buckets(std::size_t index);

 private:
  Result<> read_from(std::size_t index);

  SampleStore& samples_;
  const std::vector<Metric>& metrics_;
  std::vector<std::int64_t> boundaries_us_;
  std::vector<Bucket> ahead_;
  std::size_t first_ = 0;  // of metrics_ in ahead_
  std::size_t count_ = 0;
};

}  // namespace millwright
