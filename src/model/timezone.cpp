#include "model/timezone.h"

#include <date/tz.h>

#include "base/text.h"

namespace millwright {
namespace {

const date::time_zone* zone_of(const void* zone) {
  return static_cast<const date::time_zone*>(zone);
}

date::local_time<Microseconds> to_date(LocalTime local) {
  return date::local_time<Microseconds>{local.time_since_epoch()};
}

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
  // The library takes any file name below its folder; an IANA name has these characters only.
  bool plausible = !name.empty() && name.size() <= 64 && name.front() != '/' &&
                   name.find("..") == std::string_view::npos;
  for (const char c : name) {
    plausible = plausible && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '/' ||
                              c == '+' || c == '-');
  }
  if (plausible) {
    try {
      return TimeZone(std::string(name), date::locate_zone(std::string(name)));
    } catch (const std::exception&) {
      // falls through to the refusal: the library throws for an unknown name
    }
  }
  return invalid_argument("timezone " + quote(name) +
                          " is unknown; use an IANA name such as 'Europe/Zurich'");
}

Result<> check_timezone(std::string_view name) {
  MW_TRY(TimeZone::load(name));
  return {};
}

LocalTime TimeZone::to_local(Timestamp t) const {
  return LocalTime{zone_of(zone_)->to_local(t).time_since_epoch()};
}

Timestamp TimeZone::to_utc(LocalTime local) const {
  return zone_of(zone_)->to_sys(to_date(local), date::choose::earliest);
}

Timestamp TimeZone::to_utc_latest(LocalTime local) const {
  return zone_of(zone_)->to_sys(to_date(local), date::choose::latest);
}

std::chrono::seconds TimeZone::offset_at(Timestamp t) const {
  return zone_of(zone_)->get_info(t).offset;
}

std::string format_local(LocalTime local) {
  std::string text = format_utc(Timestamp{local.time_since_epoch()});
  text.pop_back();  // the Z
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

Result<LocalTime> parse_local(std::string_view text) {
  const std::size_t time = text.find_first_of("T ");
  const bool has_offset =
      !text.empty() && (text.back() == 'Z' || text.back() == 'z' ||
                        (time != std::string_view::npos &&
                         text.find_first_of("+-", time) != std::string_view::npos));
  if (has_offset) {
    return invalid_argument(quote(text) + " has an offset; write local time without one");
  }
  MW_ASSIGN(const Timestamp as_utc, parse_utc(text));
  return LocalTime{as_utc.time_since_epoch()};
}

}  // namespace millwright
