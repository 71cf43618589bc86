#pragma once
/// The functions behind the fields of `schema.graphql`, one file a group.
///
/// Each takes the coerced arguments and answers the field's value. What belongs to the request
/// travels as the context of the call: a `RequestScope*`.

#include "analytics/analytics_service.h"
#include "analytics/back_tests.h"
#include "analytics/point_budget.h"
#include "graphql/resolvers.h"

namespace millwright {

/// What the fields work on. Everything outlives them.
struct FieldContext {
  TenantDirectory* directory = nullptr;
  ModelRunner* models = nullptr;
  AnalyticsLimits limits;
  const Clock* clock = nullptr;
  BackTests* back_tests = nullptr;
};

using FieldResult = Result<graphql::ResolvedValue>;

/// One request: who asks, and what all its fields may answer together.
struct RequestScope {
  const Principal* principal = nullptr;
  PointBudget points;
};

/// Of the request that the call belongs to; a call without one is a mistake of ours.
const Principal& principal_of(const graphql::FieldCall& call);
PointBudget& points_of(const graphql::FieldCall& call);

FieldResult resolve_devices(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_metrics(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_events(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_anomalies(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_labels(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_create_label(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_delete_label(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_back_test(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_degradation_limits(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_create_degradation_limit(const FieldContext& context,
                                             const graphql::FieldCall& call);
FieldResult resolve_delete_degradation_limit(const FieldContext& context,
                                             const graphql::FieldCall& call);
FieldResult resolve_prediction_history(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_predictions(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_series(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_latest(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_count_above(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_numeric_scalar(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_numeric_scalar_model(const FieldContext& context,
                                         const graphql::FieldCall& call);

}  // namespace millwright
