#pragma once
/// Buckets of the device's own calendar.
///
/// Days, weeks (from Monday), months and years begin at local midnight, so a day may have 23 or 25
/// hours. Hours, minutes and seconds are those that a clock at the device shows; where it is put
/// back, both passes of an hour are buckets of their own, in the order of UTC.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/samples.h"
#include "model/timezone.h"

namespace millwright {

enum class Grouping { kSecond, kMinute, kHourly, kDaily, kWeekly, kMonthly, kYearly };
enum class Aggregation { kMin, kMax, kAvg, kSum, kCount, kFirst, kLast };

/// By the names of the schema, "SECOND", "AVG" ... Missing for others.
std::optional<Grouping> grouping_of(std::string_view name);
std::optional<Aggregation> aggregation_of(std::string_view name);

/// The bucket's value, always finite; its count is not 0.
///
/// A sum outside the range of a double is the nearest number inside; 0 where its parts left it on
/// both sides. An average of such a sum is the nearest number between the bucket's extremes.
double value_of(const Bucket& bucket, Aggregation aggregation);

/// n buckets that cover a range. The first and the last are cut to it, their labels are not.
struct BucketGrid {
  std::vector<std::int64_t> boundaries_us;  ///< n + 1, strictly ascending
  std::vector<std::int64_t> starts_us;      ///< n, where the calendar says the bucket begins
};

/// O(buckets). Errors: kResourceExhausted for more than `limit` buckets, naming the way out.
Result<BucketGrid> make_grid(const TimeZone& zone, Grouping grouping, TimeRange range,
                             std::size_t limit);

}  // namespace millwright
