/// `labels`, `createLabel` and `deleteLabel`: what people say about spans of time.

#include <algorithm>
#include <charconv>

#include "analytics/listing.h"
#include "base/text.h"
#include "model/label.h"

namespace millwright {
namespace {

using graphql::FieldCall;
using graphql::Json;
using graphql::Object;
using graphql::ResolvedValue;

/// An id outside its tenant: `100000:17`. It names the tenant, so that an operator, who belongs to
/// none, can delete by it.
std::string outer_id(const TenantId& tenant, std::int64_t id) {
  return tenant.str() + ":" + std::to_string(id);
}

struct LabelId {
  std::string_view tenant;
  std::int64_t number = 0;
};

Result<LabelId> parse_label_id(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  LabelId id;
  if (colon != std::string_view::npos) {
    id.tenant = text.substr(0, colon);
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, id.number);
    if (read.ec == std::errc{} && read.ptr == end && id.number > 0) return id;
  }
  return invalid_argument("id " + quote(text) +
                          " is not a label's; take it from the query `labels`");
}

/// Nothing of a device carries a label of a place or metric that it does not have: such a label
/// would be a slip of the pen, and no back-test would ever meet it.
Result<> require_place(const DeviceView& view, const Path& path,
                       const std::optional<MetricId>& metric) {
  MW_ASSIGN(const auto metrics, view.store->catalog().metrics(view.device.id, path));
  const std::string device = "device " + quote(view.device.id.str());
  if (metrics.empty() && !path.str().empty()) {
    return not_found(device + " has no path " + quote(path.str()) +
                     "; the query `metrics` lists what it has");
  }
  const auto is_meant = [&](const Metric& each) {
    return each.key.path == path && each.key.metric == *metric;
  };
  if (metric && std::none_of(metrics.begin(), metrics.end(), is_meant)) {
    return not_found(device + " has no metric " + quote(metric->str()) + " at path " +
                     quote(path.str()) + "; the query `metrics` lists what it has");
  }
  return {};
}

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
  MW_ASSIGN(const DeviceView view,
            open_device(*context.directory, principal, text_of(input, "tenantIdentifier"),
                        text_of(input, "deviceIdentifier")));
  MW_TRY(require_technician(principal, "label"));
  MW_ASSIGN(Label label, read_label(view, input));
  MW_TRY(require_place(view, label.path, label.metric));
  label.author = principal.name;
  label.created_at = context.clock->now();
  MW_ASSIGN(label.id, view.store->catalog().create_label(label));
  return ResolvedValue(label_object(label, view));
}

FieldResult resolve_delete_label(const FieldContext& context, const FieldCall& call) {
  const Principal& principal = principal_of(call);
  const auto& text = call.argument("id").get_ref<const std::string&>();
  MW_ASSIGN(const LabelId id, parse_label_id(text));
  MW_ASSIGN(const TenantHandle store, open_tenant(*context.directory, principal, id.tenant));
  MW_TRY(require_technician(principal, "label"));
  MW_TRY(store->catalog().delete_label(id.number));
  return ResolvedValue(true);
}

}  // namespace millwright
