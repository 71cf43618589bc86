#pragma once
/// Durations as people write and read them. Pure; any thread.

#include <string>
#include <string_view>

#include "base/clock.h"

namespace millwright::backtest {

/// Reads a number and a unit, "10 min", "1.5 h", "7d": s, min, h, d or w, to a microsecond.
/// Errors: kInvalidArgument naming `what`; also for a negative one and beyond ten years.
Result<Microseconds> parse_duration(std::string_view what, std::string_view text);

/// By its two largest units: "3 d 4 h", "50 min", "0 s"; with a minus below zero.
std::string format_duration(Microseconds duration);

}  // namespace millwright::backtest
