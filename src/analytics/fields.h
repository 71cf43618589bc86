#pragma once
/// The functions behind the fields of `schema.graphql`, one file a group.
///
/// Each takes the coerced arguments and answers the field's value. The principal travels as the
/// context of the call: a `const Principal*`.

#include "analytics/analytics_service.h"
#include "graphql/resolvers.h"

namespace millwright {

/// What the fields work on. Everything outlives them.
struct FieldContext {
  TenantDirectory* directory = nullptr;
  ModelRunner* models = nullptr;
  AnalyticsLimits limits;
};

using FieldResult = Result<graphql::ResolvedValue>;

/// The caller; a request without one is a mistake of ours.
const Principal& principal_of(const graphql::FieldCall& call);

FieldResult resolve_devices(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_metrics(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_events(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_anomalies(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_predictions(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_series(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_numeric_scalar(const FieldContext& context, const graphql::FieldCall& call);
FieldResult resolve_numeric_scalar_model(const FieldContext& context,
                                         const graphql::FieldCall& call);

}  // namespace millwright
