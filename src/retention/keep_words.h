#pragma once
/// How long samples are kept and how much that is, in words. Pure; any thread.

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millwright::retention {

/// Reads "forever" (0) or a whole number and a unit: hours, days, weeks, months, years, or h, d, w,
/// mo, y. A year is 365.25 days and a month a twelfth of it, rounded up to the hour, so "12 months"
/// is "1 year". Errors: kInvalidArgument, also beyond 1,000 years.
Result<std::chrono::hours> parse_keep(std::string_view text);

/// In the largest unit that says it exactly: "36 months" was "3 years".
std::string format_keep(std::chrono::hours keep);

/// "640 bytes", "12.4 GB": decimal units, three digits at most before the point.
std::string format_bytes(double bytes);

}  // namespace millwright::retention
