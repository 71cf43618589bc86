#pragma once
/// The `start` and `end` of a request as a range of instants.
///
/// Each is a date or a date-time. With `Z` or an offset it is an instant, without one the device's
/// local time. Both ends are inclusive: a date as `end` includes its whole day, a date-time exactly
/// that microsecond. In an autumn fold a local `start` means the earlier of the two instants and a
/// local `end` the later one, so that nothing between them is lost; in a spring gap both mean the
/// instant of the jump.

#include <string_view>

#include "model/samples.h"
#include "model/timezone.h"

namespace millwright {

/// `start` alone, in microseconds. Errors: kInvalidArgument naming the field and the value.
Result<std::int64_t> parse_start(std::string_view text, const TimeZone& zone);

/// Errors: kInvalidArgument naming the field and the value, also for an end before the
/// start and for a range inside a day that the zone skipped.
Result<TimeRange> parse_bounds(std::string_view start, std::string_view end, const TimeZone& zone);

}  // namespace millwright
