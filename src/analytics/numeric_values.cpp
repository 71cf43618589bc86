#include "analytics/numeric_values.h"

#include <algorithm>
#include <array>

#include "analytics/local_text.h"
#include "analytics/time_bounds.h"

namespace millwright {
namespace {

graphql::Table table_of(const SampleColumns& samples, const TimeZone& zone, Order order) {
  std::vector<double> values = samples.value;
  std::vector<std::int64_t> times = samples.timestamp_us;
  if (order == Order::kNewestFirst) {
    std::reverse(values.begin(), values.end());
    std::reverse(times.begin(), times.end());
  }
  LocalTextWriter writer(zone);
  graphql::TextColumn texts;
  texts.reserve(times.size(), times.size() * 24);
  for (const std::int64_t t : times) texts.push_back(writer.write(t));
  graphql::Table table;
  table.add("value", std::move(values));
  table.add("timestampLocal", std::move(texts));
  return table;
}

}  // namespace

Result<NumericSelection> select_numeric(TenantDirectory& directory, const Principal& principal,
                                        const nlohmann::json& body, std::size_t metric_limit) {
  MW_ASSIGN(DeviceView view, open_device(directory, principal, text_of(body, "tenantIdentifier"),
                                         text_of(body, "deviceIdentifier")));
  MW_ASSIGN(const TimeRange range,
            parse_bounds(text_of(body, "start"), text_of(body, "end"), view.zone));
  const auto grouping = grouping_of(text_of(body, "grouping"));
  const auto aggregation = aggregation_of(text_of(body, "aggregation"));
  if (grouping && !aggregation) {
    return invalid_argument("grouping " + std::string(text_of(body, "grouping")) +
                            " needs an aggregation: MIN, MAX, AVG, SUM, COUNT, FIRST or LAST");
  }
  MW_ASSIGN(auto metrics, numeric_metrics(view, body, metric_limit));
  return NumericSelection{std::move(view), std::move(metrics), range, grouping, aggregation};
}

Result<graphql::Table> NumericReader::values(std::size_t index, Order order) {
  MW_ASSIGN(const SampleColumns samples,
            selection_.aggregation ? aggregated(index) : raw(selection_.metrics[index]));
  return table_of(samples, selection_.view.zone, order);
}

Result<SampleColumns> NumericReader::raw(const Metric& metric) {
  auto samples =
      selection_.view.store->samples().read(metric.series, selection_.range, points_.left());
  if (!samples && samples.error().code == ErrorCode::kResourceExhausted) {
    return points_.exhausted();
  }
  if (samples) MW_TRY(points_.spend(samples->size()));
  return samples;
}

Result<> NumericReader::make_buckets() {
  BucketGrid grid{{selection_.range.start_us, selection_.range.end_us},
                  {selection_.range.start_us}};
  if (selection_.grouping) {
    MW_ASSIGN(grid, make_grid(selection_.view.zone, *selection_.grouping, selection_.range,
                              points_.limit()));
  }
  starts_us_ = std::move(grid.starts_us);
  aggregates_.emplace(selection_.view.store->samples(), selection_.metrics,
                      std::move(grid.boundaries_us));
  return {};
}

Result<SampleColumns> NumericReader::aggregated(std::size_t index) {
  if (!aggregates_) MW_TRY(make_buckets());
  MW_ASSIGN(const auto buckets, aggregates_->buckets(index));
  SampleColumns values;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i].count == 0) continue;
    values.append(starts_us_[i], value_of(buckets[i], *selection_.aggregation));
  }
  MW_TRY(points_.spend(values.size()));
  return values;
}

}  // namespace millwright
