/// `labels`, `createLabel` and `deleteLabel`: what people say about spans of time.

#include "analytics/listing.h"
#include "analytics/statements.h"
#include "model/label.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Json;
using graphql::Object;
using graphql::ResolvedValue;

/// Author, time of creation and id are not the caller's to say.
Result<Label> read_label(const DeviceView& view, const Json& input) {
  MW_ASSIGN(Path path, path_argument(input));
  std::optional<MetricId> metric;
  if (const auto text = text_of(input, "metricIdentifier"); !text.empty()) {
    MW_ASSIGN(metric, MetricId::parse(text));
  }
  const std::string_view start = text_of(input, "start");
  const std::string_view end = text_of(input, "end");
  Label label{0,
              view.device.id,
              std::move(path),
              std::move(metric),
              std::string(text_of(input, "class")),
              "",
              std::string(text_of(input, "note")),
              {},
              std::nullopt,
              {}};
  if (const auto given = input.find("end"); given == input.end() || given->is_null()) {
    MW_ASSIGN(const std::int64_t start_us, parse_start(start, view.zone));
    label.start = from_us(start_us);
  } else {
    MW_ASSIGN(const TimeRange range, parse_bounds(start, end, view.zone));
    label.start = from_us(range.start_us);
    label.end = from_us(range.end_us - 1);  // the last instant that the text includes
  }
  return label;
}

}  // namespace

Object label_object(const Label& label, const DeviceView& view) {
  Object object;
  object.set("id", outer_id(view.store->tenant(), label.id));
  object.set("deviceIdentifier", label.device.str());
  object.set("path", label.path.str());
  if (label.metric) object.set("metricIdentifier", label.metric->str());
  object.set("class", label.class_name);
  object.set("author", label.author);
  object.set("note", text_or_null(label.note));
  set_times(object, "start", label.start, view.zone);
  if (label.end) set_times(object, "end", *label.end, view.zone);
  set_times(object, "createdAt", label.created_at, view.zone);
  return object;
}

FieldResult resolve_labels(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, device_of(context, call));
  MW_ASSIGN(const Path path, path_argument(call.arguments));
  MW_ASSIGN(const TimeRange range, range_of(view, call));
  MW_ASSIGN(const std::size_t limit, row_limit(context, call));
  const std::string_view class_name = text_of(call.arguments, "class");
  if (!class_name.empty()) MW_TRY(check_label_class(class_name));
  MW_ASSIGN(const auto labels,
            view.store->catalog().labels(view.device.id, path, range, class_name, limit));
  ResolvedValue::List list;
  for (const Label& label : labels) list.emplace_back(label_object(label, view));
  return ResolvedValue(std::move(list));
}

FieldResult resolve_create_label(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  const Json& input = call.argument("input");
  MW_ASSIGN(const DeviceView view, open_to_state(*context.directory, principal, input, "label"));
  MW_ASSIGN(Label label, read_label(view, input));
  MW_TRY(require_place(view, label.path, label.metric));
  label.author = principal.name;
  label.created_at = context.clock->now();
  MW_ASSIGN(label.id, view.store->catalog().create_label(label));
  return ResolvedValue(label_object(label, view));
}

FieldResult resolve_delete_label(const FieldContext& context, const FieldCall& call) {
  MW_ASSIGN(const StatementPlace place,
            open_statement(*context.directory, principal_of(call), text_of(call.arguments, "id"),
                           "labels", "label"));
  MW_TRY(place.store->catalog().delete_label(place.number));
  return ResolvedValue(true);
}

}  // namespace millwright
