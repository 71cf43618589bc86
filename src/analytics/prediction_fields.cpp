/// `predictions`: the newest verdicts of the models, and when a spare part must be ordered;
/// `predictionHistory`: those of earlier.

#include "analytics/listing.h"
#include "base/text.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Object;
using graphql::ResolvedValue;

constexpr double kUsPerDay = 86'400e6;
constexpr double kMostDays = 36'500;  // a century; a later date advises nobody

/// What the caller knows and no model does.
struct Supply {
  std::optional<double> lead_time_days;  ///< from order to machine; without it no date is told
  std::optional<double> units_per_day;   ///< of a life that counts something else than time
};

Result<std::optional<double>> number_argument(const FieldCall& call, const char* name,
                                              double least) {
  const graphql::Json& given = call.argument(name);
  if (!given.is_number()) return std::optional<double>();
  const auto value = given.get<double>();
  if (value >= least && value <= 1e6) return std::optional(value);
  return invalid_argument(std::string(name) + " is " + given.dump() + "; give a number from " +
                          (least > 0 ? "0.001" : "0") + " to 1,000,000");
}

std::optional<double> units_per_day(const std::string& unit, const Supply& supply) {
  if (unit == "d" || unit == "days") return 1;
  if (unit == "h" || unit == "hours") return 24;
  if (unit == "min" || unit == "minutes") return 1'440;
  if (unit == "s" || unit == "seconds") return 86'400;
  return supply.units_per_day;
}

/// The lower bound of the life less the lead time: with an interval of 90 % the part comes too late
/// about one time in twenty. May lie in the past: it is then high time.
std::optional<Timestamp> order_by(const Prediction& prediction, const Supply& supply) {
  if (prediction.kind == PredictionKind::kFaultClass || !prediction.lower) return std::nullopt;
  const auto per_day = units_per_day(prediction.unit, supply);
  if (!per_day || !supply.lead_time_days) return std::nullopt;
  const double days = *prediction.lower / *per_day - *supply.lead_time_days;
  if (!(std::abs(days) <= kMostDays)) return std::nullopt;
  return prediction.at + std::chrono::microseconds(static_cast<std::int64_t>(days * kUsPerDay));
}

Object prediction_object(const Prediction& prediction, const Supply& supply, const TimeZone& zone) {
  const bool is_fault = prediction.kind == PredictionKind::kFaultClass;
  Object object;
  object.set("deviceIdentifier", prediction.device.str());
  object.set("path", prediction.path.str());
  object.set("kind", std::string_view(is_fault ? "FAULT_CLASS" : "REMAINING_USEFUL_LIFE"));
  object.set("model", prediction.model);
  object.set("version", prediction.version);
  set_times(object, "timestamp", prediction.at, zone);
  object.set("predicted", prediction.predicted);
  object.set("probability", prediction.probability);
  object.set("state", life_state(prediction));
  object.set("value", prediction.value);
  object.set("lower", prediction.lower);
  object.set("upper", prediction.upper);
  object.set("unit", text_or_null(prediction.unit));
  object.set("reason", prediction.reason);
  if (const auto at = order_by(prediction, supply)) set_times(object, "orderBy", *at, zone);
  return object;
}

}  // namespace

std::optional<std::string_view> life_state(const Prediction& prediction) {
  if (prediction.kind == PredictionKind::kFaultClass) return std::nullopt;
  if (prediction.value) return "VALUE";
  if (prediction.lower) return "MORE_THAN";
  switch (prediction.no_life) {
    case NoLife::kPending:
      return "PENDING";
    case NoLife::kError:
      return "ERROR";
    case NoLife::kNotApplicable:
      break;
  }
  return "NOT_APPLICABLE";
}

FieldResult resolve_predictions(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  Supply supply;
  MW_ASSIGN(supply.lead_time_days, number_argument(call, "leadTimeDays", 0));
  MW_ASSIGN(supply.units_per_day, number_argument(call, "unitsPerDay", 0.001));
  MW_ASSIGN(const auto predictions, view.store->catalog().predictions(view.device.id, path));
  ResolvedValue::List list;
  for (const Prediction& prediction : predictions) {
    list.emplace_back(prediction_object(prediction, supply, view.zone));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_prediction_history(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  MW_ASSIGN(const TimeRange range, range_of(view, call));
  MW_ASSIGN(const std::size_t limit, row_limit(context, call));
  const bool is_fault = text_of(call.arguments, "kind") == "FAULT_CLASS";
  MW_ASSIGN(const auto kept,
            view.store->catalog().prediction_history(
                view.device.id, path,
                is_fault ? PredictionKind::kFaultClass : PredictionKind::kRemainingUsefulLife,
                range, limit));
  ResolvedValue::List list;
  for (const Prediction& prediction : kept) {
    list.emplace_back(prediction_object(prediction, {}, view.zone));
  }
  return ResolvedValue(std::move(list));
}

}  // namespace millwright
