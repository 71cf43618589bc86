#pragma once
/// What the fields that list rows of the catalog share: their arguments, and how rows are written.

#include <optional>
#include <string>

#include "analytics/access.h"
#include "analytics/fields.h"
#include "analytics/time_bounds.h"
#include "model/event.h"
#include "model/label.h"

namespace millwright {

/// The device of `tenantIdentifier` and `deviceIdentifier`. Errors: as open_device.
Result<DeviceView> device_of(const FieldContext& context, const graphql::FieldCall& call);
/// `start` to `end`. Errors: as parse_bounds.
Result<TimeRange> range_of(const DeviceView& view, const graphql::FieldCall& call);
/// `limit`, or 200. Errors: kInvalidArgument outside 1 to the most rows of an answer.
Result<std::size_t> row_limit(const FieldContext& context, const graphql::FieldCall& call);

/// A label as the API shows it.
graphql::Object label_object(const Label& label, const DeviceView& view);

/// Null for a text that nobody wrote.
graphql::ResolvedValue text_or_null(const std::string& text);
/// A RemainingLifeState; missing for a fault class.
std::optional<std::string_view> life_state(const Prediction& prediction);
/// Both spellings of an instant: `name` in UTC and `nameLocal`.
void set_times(graphql::Object& object, const std::string& name, Timestamp at,
               const TimeZone& zone);

}  // namespace millwright
