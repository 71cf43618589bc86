#include <map>

#include "analytics/fields.h"
#include "analytics/model_window.h"
#include "analytics/numeric_values.h"
#include "base/text.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Object;
using graphql::ResolvedValue;

Object metric_object(const Metric& metric) {
  Object object;
  object.set("deviceIdentifier", metric.key.device.str());
  object.set("metricIdentifier", metric.key.metric.str());
  object.set("path", metric.key.path.str());
  object.set("unit", metric.unit);
  return object;
}

Error not_run_here(const std::string& model, std::string_view type) {
  const std::string pickle = type == "SKLEARN" ? ": a pickle is code" : "";
  return Error{ErrorCode::kUnimplemented,
               "model " + quote(model) + " of type " + std::string(type) + " is not run" + pickle +
                   "; train it with XGBoost and register it in MLflow (modelType XGBOOST), or "
                   "train one with `millwright train` (modelType MILLWRIGHT)",
               {}};
}

Result<RunnableModel> requested_model(ModelRunner& models, const nlohmann::json& input) {
  const std::string name(text_of(input, "name"));
  const std::string_view type = text_of(input, "modelType");
  if (type != "MILLWRIGHT" && type != "XGBOOST") return not_run_here(name, type);
  MW_ASSIGN(RunnableModel model, models.find(name, text_of(input, "version")));
  if (model.type != type) {
    return invalid_argument("model " + quote(name) + " is of modelType " + model.type + ", not " +
                            std::string(type));
  }
  const auto window = input.at("windowSize").get<std::int64_t>();
  if (window != static_cast<std::int64_t>(model.window_size)) {
    return invalid_argument("windowSize " + std::to_string(window) + " does not fit model " +
                            quote(name) + ", which judges windows of " +
                            std::to_string(model.window_size) + " samples");
  }
  return model;
}

/// Null where the path does not have the model's inputs; without a class where the range holds no
/// whole window of them.
FieldResult judge_path(ModelRunner& models, const RunnableModel& model,
                       const NumericSelection& selection, const Path& path) {
  MW_ASSIGN(const auto all,
            selection.view.store->catalog().metrics(selection.view.device.id, path));
  const auto inputs = find_inputs(all, path, model.inputs);
  if (!inputs) return ResolvedValue();
  Object verdict;
  verdict.set("name", model.name);
  verdict.set("version", model.version);
  MW_ASSIGN(const auto window, newest_window(selection.view.store->samples(), *inputs,
                                             model.window_size, selection.range));
  if (window) {
    MW_ASSIGN(const ModelVerdict judged,
              models.judge(model, window->inputs, window->sample_rate_hz));
    verdict.set("predicted", judged.predicted);
    if (judged.probability) verdict.set("probability", *judged.probability);
  }
  return ResolvedValue(std::move(verdict));
}

}  // namespace

FieldResult resolve_numeric_scalar(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const auto selection,
            select_numeric(*context.directory, principal_of(call), call.arguments.at("body"),
                           context.limits.metrics));
  NumericReader reader(selection, points_of(call));
  ResolvedValue::List list;
  for (std::size_t i = 0; i < selection.metrics.size(); ++i) {
    const Metric& metric = selection.metrics[i];
    MW_ASSIGN(auto values, reader.values(i, Order::kNewestFirst));
    Object object = metric_object(metric);
    object.set("values", std::move(values));
    list.emplace_back(std::move(object));
  }
  return ResolvedValue(std::move(list));
}

FieldResult resolve_numeric_scalar_model(const FieldContext& context, const FieldCall& call) {
  const auto& body = call.arguments.at("body");
  MW_ASSIGN(const auto selection,
            select_numeric(*context.directory, principal_of(call), body, context.limits.metrics));
  MW_ASSIGN(const auto model, requested_model(*context.models, body.at("model")));
  NumericReader reader(selection, points_of(call));
  std::map<Path, ResolvedValue> verdicts;
  ResolvedValue::List list;
  for (std::size_t i = 0; i < selection.metrics.size(); ++i) {
    const Metric& metric = selection.metrics[i];
    MW_ASSIGN(auto values, reader.values(i, Order::kOldestFirst));
    const Path& path = metric.key.path;
    if (!verdicts.contains(path)) {
      MW_ASSIGN(auto verdict, judge_path(*context.models, model, selection, path));
      verdicts.emplace(path, std::move(verdict));
    }
    Object object = metric_object(metric);
    object.set("values", std::move(values));
    object.set("model", verdicts.at(path));
    list.emplace_back(std::move(object));
  }
  return ResolvedValue(std::move(list));
}

}  // namespace millwright
