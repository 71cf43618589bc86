#include "retention/keep_words.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/text.h"

namespace millwright::retention {
namespace {

constexpr std::int64_t kHoursAYear = 8'766;  // 365.25 days
constexpr std::int64_t kMostYears = 1'000;

constexpr std::int64_t hours_of_months(std::int64_t months) {
  return (months * kHoursAYear + 11) / 12;
}

/// Missing for a unit that nobody knows.
std::optional<std::int64_t> hours_of(std::int64_t count, std::string_view unit) {
  if (unit == "h" || unit == "hour" || unit == "hours") return count;
  if (unit == "d" || unit == "day" || unit == "days") return count * 24;
  if (unit == "w" || unit == "week" || unit == "weeks") return count * 24 * 7;
  if (unit == "mo" || unit == "month" || unit == "months") return hours_of_months(count);
  if (unit == "y" || unit == "year" || unit == "years") return count * kHoursAYear;
  return std::nullopt;
}

std::string counted(std::int64_t count, std::string_view unit) {
  return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s");
}

}  // namespace

Result<std::chrono::hours> parse_keep(std::string_view text) {
  if (text == "forever") return std::chrono::hours(0);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  if (error == std::errc() && count >= 1 && count <= kMostYears * kHoursAYear) {
    const auto hours = hours_of(count, unit);
    if (hours && *hours <= kMostYears * kHoursAYear) return std::chrono::hours(*hours);
  }
  return invalid_argument("keep " + quote(text) +
                          " is no time of at least 1 hour and at most 1000 years; write a whole "
                          "number of hours, days, weeks, months or years, such as '36 months', or "
                          "'forever'");
}

std::string format_keep(std::chrono::hours keep) {
  const std::int64_t hours = keep.count();
  if (hours == 0) return "forever";
  if (hours % kHoursAYear == 0) return counted(hours / kHoursAYear, "year");
  const std::int64_t months = hours * 12 / kHoursAYear;
  if (months > 0 && hours_of_months(months) == hours) return counted(months, "month");
  if (hours % 24 == 0) return counted(hours / 24, "day");
  return counted(hours, "hour");
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 6> kUnits{"bytes", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1'000;
    ++unit;
  }
  std::array<char, 48> text{};
  const int digits = unit == 0 || bytes >= 99.95 ? 0 : 1;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, bytes, kUnits[unit]);
  return text.data();
}

}  // namespace millwright::retention
