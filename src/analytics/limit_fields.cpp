/// `degradationLimits`, `createDegradationLimit` and `deleteDegradationLimit`: the levels that
/// people know to be the end.

#include "analytics/listing.h"
#include "analytics/statements.h"
#include "model/degradation_limit.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Json;
using graphql::Object;
using graphql::ResolvedValue;

Object limit_object(const DegradationLimit& limit, const DeviceView& view) {
  Object object;
  object.set("id", outer_id(view.store->tenant(), limit.id));
  object.set("deviceIdentifier", limit.key.device.str());
  object.set("path", limit.key.path.str());
  object.set("metricIdentifier", limit.key.metric.str());
  object.set("value", limit.value);
  object.set("side", std::string_view(limit.side == LimitSide::kAbove ? "ABOVE" : "BELOW"));
  object.set("author", limit.author);
  object.set("note", text_or_null(limit.note));
  object.set("model", model_name(limit));
  set_times(object, "createdAt", limit.created_at, view.zone);
  return object;
}

/// Author, time of creation and id are not the caller's to say.
Result<DegradationLimit> read_limit(const DeviceView& view, const Json& input) {
  MW_ASSIGN(Path path, path_argument(input));
  MW_ASSIGN(MetricId metric, MetricId::parse(text_of(input, "metricIdentifier")));
  return DegradationLimit{0,
                          {view.device.id, std::move(path), std::move(metric)},
                          input.at("value").get<double>(),
                          text_of(input, "side") == "BELOW" ? LimitSide::kBelow : LimitSide::kAbove,
                          "",
                          std::string(text_of(input, "note")),
                          {}};
}

}  // namespace

FieldResult resolve_degradation_limits(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  MW_ASSIGN(const auto limits, view.store->catalog().degradation_limits());
  ResolvedValue::List list;
  for (const DegradationLimit& limit : limits) {
    if (limit.key.device == view.device.id && is_within(limit.key.path, path)) {
      list.emplace_back(limit_object(limit, view));
    }
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_create_degradation_limit(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  const Json& input = call.argument("input");
  MW_ASSIGN(const DeviceView view,
            open_to_state(*context.directory, principal, input, "set limits"));
  MW_ASSIGN(DegradationLimit limit, read_limit(view, input));
  MW_TRY(require_place(view, limit.key.path, limit.key.metric));
  limit.author = principal.name;
  limit.created_at = context.clock->now();
  MW_ASSIGN(limit.id, view.store->catalog().create_degradation_limit(limit));
  return ResolvedValue(limit_object(limit, view));
}

FieldResult resolve_delete_degradation_limit(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const StatementPlace place,
            open_statement(*context.directory, principal_of(call), text_of(call.arguments, "id"),
                           "degradationLimits", "delete limits"));
  MW_ASSIGN(const DegradationLimit limit,
            place.store->catalog().delete_degradation_limit(place.number));
  // What is foretold by a limit that is gone is no answer any more; its history stays.
  MW_TRY(place.store->catalog().remove_prediction(
      limit.key.device, limit.key.path, PredictionKind::kRemainingUsefulLife, model_name(limit)));
  return ResolvedValue(true);
}

}  // namespace millwright
