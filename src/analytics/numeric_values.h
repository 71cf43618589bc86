#pragma once
/// What `numericScalar` and `numericScalarModel` have in common: which metrics, which span, and the
/// values of each, raw or grouped.

#include <optional>
#include <string>
#include <vector>

#include "analytics/access.h"
#include "analytics/aggregate_reader.h"
#include "analytics/grouping.h"
#include "analytics/point_budget.h"
#include "graphql/value.h"

namespace millwright {

struct NumericSelection {
  DeviceView view;
  std::vector<Metric> metrics;
  TimeRange range;
  std::optional<Grouping> grouping;  ///< only together with an aggregation
  std::optional<Aggregation> aggregation;
};

enum class Order { kNewestFirst, kOldestFirst };

/// `body` is the coerced NumericScalarInput or NumericScalarModelInput.
/// Errors: as open_device, numeric_metrics and parse_bounds; kInvalidArgument for a grouping
/// without an aggregation.
Result<NumericSelection> select_numeric(TenantDirectory& directory, const Principal& principal,
                                        const nlohmann::json& body, std::size_t metric_limit);

/// Reads the values of one metric after the other out of the request's budget.
class NumericReader {
 public:
  /// Both outlive the reader.
  NumericReader(const NumericSelection& selection, PointBudget& points)
      : selection_(selection), points_(points) {}

  /// Columns `value` and `timestampLocal` of `[Value!]!` for the selection's metric of that index.
  /// Errors: kResourceExhausted naming the limit and the way out.
  Result<graphql::Table> values(std::size_t index, Order order);

 private:
  Result<SampleColumns> raw(const Metric& metric);
  Result<SampleColumns> aggregated(std::size_t index);
  Result<> make_buckets();

  const NumericSelection& selection_;
  PointBudget& points_;
  std::vector<std::int64_t> starts_us_;  // of the buckets, the same for every metric
  std::optional<AggregateReader> aggregates_;
};

}  // namespace millwright
