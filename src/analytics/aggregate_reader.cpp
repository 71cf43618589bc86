#include "analytics/aggregate_reader.h"

#include <algorithm>

#include "base/check.h"

namespace millwright {

AggregateReader::AggregateReader(SampleStore& samples, const std::vector<Metric>& metrics,
                                 std::vector<std::int64_t> boundaries_us)
    : samples_(samples), metrics_(metrics), boundaries_us_(std::move(boundaries_us)) {
  MW_CHECK(boundaries_us_.size() >= 2);
}

Result<std::span<const Bucket>> AggregateReader::buckets(std::size_t index) {
  MW_CHECK(index < metrics_.size());
  if (index < first_ || index >= first_ + count_) MW_TRY(read_from(index));
  const std::size_t columns = boundaries_us_.size() - 1;
  return std::span<const Bucket>(ahead_).subspan((index - first_) * columns, columns);
}

Result<> AggregateReader::read_from(std::size_t index) {
  count_ = 0;
  const std::size_t columns = boundaries_us_.size() - 1;
  const std::size_t wanted =
      std::min(metrics_.size() - index, std::max<std::size_t>(1, kBucketsAhead / columns));
  std::vector<SeriesId> series;
  series.reserve(wanted);
  for (std::size_t i = index; i < index + wanted; ++i) series.push_back(metrics_[i].series);
  MW_ASSIGN(ahead_, samples_.aggregate(series, boundaries_us_));
  first_ = index;
  count_ = wanted;
  return {};
}

}  // namespace millwright
