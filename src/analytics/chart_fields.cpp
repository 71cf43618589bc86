/// `series`: the columns of a chart, computed by the store from its own aggregates where it can.

#include <algorithm>
#include <limits>

#include "analytics/access.h"
#include "analytics/aggregate_reader.h"
#include "analytics/fields.h"
#include "analytics/grouping.h"
#include "analytics/time_bounds.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Object;
using graphql::ResolvedValue;

/// Columns of one width that cover a range. The last also has the instant that an inclusive end
/// adds, so that an hour in 3,600 columns has columns of a second.
struct ChartGrid {
  std::int64_t column_us = 1;
  std::vector<std::int64_t> boundaries_us;
};

ChartGrid grid_of(TimeRange range, std::int64_t pixels) {
  ChartGrid grid;
  const std::int64_t span = range.end_us - range.start_us - 1;
  grid.column_us = std::max<std::int64_t>(1, (span + pixels - 1) / pixels);
  std::int64_t start = range.start_us;
  for (std::int64_t i = 0; i < pixels && start < range.end_us; ++i, start += grid.column_us) {
    grid.boundaries_us.push_back(start);
  }
  grid.boundaries_us.push_back(range.end_us);
  return grid;
}

Object series_object(const Metric& metric, const ChartGrid& grid, std::span<const Bucket> buckets) {
  std::vector<std::int64_t> t, count;
  std::vector<double> min, max, avg;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const Bucket& bucket = buckets[i];
    if (bucket.count == 0) continue;
    t.push_back(grid.boundaries_us[i]);
    min.push_back(bucket.min);
    max.push_back(bucket.max);
    avg.push_back(value_of(bucket, Aggregation::kAvg));
    // GraphQL's Int has 32 bits.
    count.push_back(static_cast<std::int64_t>(
        std::min<std::uint64_t>(bucket.count, std::numeric_limits<std::int32_t>::max())));
  }
  Object object;
  object.set("deviceIdentifier", metric.key.device.str());
  object.set("metricIdentifier", metric.key.metric.str());
  object.set("path", metric.key.path.str());
  object.set("unit", metric.unit);
  object.set("displayName", metric.display_name);
  object.set("metricType", to_string(metric.type));
  object.set("t", std::move(t));
  object.set("min", std::move(min));
  object.set("max", std::move(max));
  object.set("avg", std::move(avg));
  object.set("count", std::move(count));
  object.set("columnUs", grid.column_us);
  return object;
}

}  // namespace

FieldResult resolve_series(const FieldContext& context, const FieldCall& call) {
  const auto& arguments = call.arguments;
  MW_ASSIGN(const DeviceView view, open_device(*context.directory, principal_of(call),
                                               text_of(arguments, "tenantIdentifier"),
                                               text_of(arguments, "deviceIdentifier")));
  const auto pixels = arguments.at("pixels").get<std::int64_t>();
  if (pixels < 1 || pixels > static_cast<std::int64_t>(context.limits.pixels)) {
    return invalid_argument("pixels " + std::to_string(pixels) + " is outside 1 to " +
                            std::to_string(context.limits.pixels) +
                            "; give the width of the chart");
  }
  MW_ASSIGN(const TimeRange range,
            parse_bounds(text_of(arguments, "start"), text_of(arguments, "end"), view.zone));
  MW_ASSIGN(const auto metrics, numeric_metrics(view, arguments, context.limits.metrics));
  const ChartGrid grid = grid_of(range, pixels);
  ResolvedValue::List list;
  AggregateReader reader(view.store->samples(), metrics, grid.boundaries_us);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    MW_ASSIGN(const auto buckets, reader.buckets(i));
    const auto columns =
        std::count_if(buckets.begin(), buckets.end(), [](const Bucket& b) { return b.count > 0; });
    MW_TRY(points_of(call).spend(static_cast<std::size_t>(columns)));
    list.emplace_back(series_object(metrics[i], grid, buckets));
  }
  return ResolvedValue(std::move(list));
}

}  // namespace millwright
