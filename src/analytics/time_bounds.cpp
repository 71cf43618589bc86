#include "analytics/time_bounds.h"

#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kDateLength = 10;  // 2026-11-25

bool has_offset(std::string_view text) {
  if (text.size() <= kDateLength) return false;
  const char last = text.back();
  return last == 'Z' || last == 'z' ||
         text.find_first_of("+-", kDateLength) != std::string_view::npos;
}

Error refuse(std::string_view field, std::string_view text) {
  return invalid_argument(std::string(field) + " " + quote(text) +
                          " is not a time; write '2026-11-25', '2026-11-25T10:30:00' (the device's "
                          "local time) or '2026-11-25T09:30:00Z'");
}

/// The instant after the last one that `end` includes.
Result<std::int64_t> parse_end(std::string_view text, const TimeZone& zone) {
  if (has_offset(text)) {
    const auto instant = parse_utc(text);
    if (!instant) return refuse("end", text);
    return to_us(*instant) + 1;
  }
  const auto local = parse_local(text);
  if (!local) return refuse("end", text);
  if (text.size() == kDateLength) return to_us(zone.to_utc(*local + std::chrono::days{1}));
  return to_us(zone.to_utc_latest(*local)) + 1;
}

/// Whether a date is a day that the zone's clock leaves out, as Samoa did with 2011-12-30.
bool is_skipped_day(std::string_view text, const TimeZone& zone) {
  if (text.size() != kDateLength) return false;
  const auto local = parse_local(text);
  return local && zone.to_utc(*local) == zone.to_utc(*local + std::chrono::days{1});
}

}  // namespace

Result<std::int64_t> parse_start(std::string_view text, const TimeZone& zone) {
  if (has_offset(text)) {
    const auto instant = parse_utc(text);
    if (!instant) return refuse("start", text);
    return to_us(*instant);
  }
  const auto local = parse_local(text);
  if (!local) return refuse("start", text);
  return to_us(zone.to_utc(*local));
}

Result<TimeRange> parse_bounds(std::string_view start, std::string_view end, const TimeZone& zone) {
  TimeRange range;
  MW_ASSIGN(range.start_us, parse_start(start, zone));
  MW_ASSIGN(range.end_us, parse_end(end, zone));
  if (range.end_us == range.start_us && is_skipped_day(end, zone)) {
    return invalid_argument("end " + quote(end) + " is a day that the clock of " +
                            quote(zone.name()) + " skips; choose a range with a day that exists");
  }
  if (range.end_us <= range.start_us) {
    return invalid_argument("end " + quote(end) + " is before start " + quote(start) +
                            "; give an end at or after the start");
  }
  return range;
}

}  // namespace millwright
