#include "analytics/listing.h"

#include "analytics/local_text.h"

namespace millwright {

using graphql::FieldCall;
using graphql::ResolvedValue;

Result<DeviceView> device_of(const FieldContext& context, const FieldCall& call) {
  return open_device(*context.directory, principal_of(call),
                     text_of(call.arguments, "tenantIdentifier"),
                     text_of(call.arguments, "deviceIdentifier"));
}

Result<TimeRange> range_of(const DeviceView& view, const FieldCall& call) {
  return parse_bounds(text_of(call.arguments, "start"), text_of(call.arguments, "end"), view.zone);
}

Result<std::size_t> row_limit(const FieldContext& context, const FieldCall& call) {
  const auto argument = call.arguments.find("limit");
  if (argument == call.arguments.end() || argument->is_null()) return std::size_t{200};
  const auto limit = argument->get<std::int64_t>();
  if (limit < 1 || limit > static_cast<std::int64_t>(context.limits.rows)) {
    return invalid_argument("limit " + std::to_string(limit) + " is outside 1 to " +
                            std::to_string(context.limits.rows) +
                            "; page through longer ranges by their times");
  }
  return static_cast<std::size_t>(limit);
}

ResolvedValue text_or_null(const std::string& text) {
  return text.empty() ? ResolvedValue() : ResolvedValue(text);
}

void set_times(graphql::Object& object, const std::string& name, Timestamp at,
               const TimeZone& zone) {
  object.set(name, utc_text(at));
  object.set(name + "Local", format_local(zone.to_local(at)));
}

}  // namespace millwright
