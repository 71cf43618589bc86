#pragma once
/// Local time of a device, by its IANA time zone. Local time exists only at the edges of the API.
///
/// Reads /usr/share/zoneinfo once a zone. Thread-safe. A conversion costs about 40 ns.

#include <string>
#include <string_view>

#include "base/clock.h"

namespace millwright {

/// Seconds since the local midnight of 1970-01-01, as a wall clock there shows them.
using LocalTime = std::chrono::time_point<struct LocalClockTag, Microseconds>;

Result<> check_timezone(std::string_view name);

/// A loaded zone; cheap to copy.
class TimeZone {
 public:
  /// Errors: kInvalidArgument for a name that the IANA database does not have.
  static Result<TimeZone> load(std::string_view name);

  const std::string& name() const { return name_; }
  LocalTime to_local(Timestamp t) const;
  /// In a spring gap the instant of the jump; in an autumn fold the earlier of the two.
  Timestamp to_utc(LocalTime local) const;
  /// In an autumn fold the later of the two, otherwise as to_utc.
  Timestamp to_utc_latest(LocalTime local) const;
  /// Difference to UTC at that instant.
  std::chrono::seconds offset_at(Timestamp t) const;

 private:
  TimeZone(std::string name, const void* zone) : name_(std::move(name)), zone_(zone) {}
  std::string name_;
  const void* zone_;  // date::time_zone, owned by the database of the library
};

/// ISO 8601 without an offset and without trailing zeros of a fraction: "2026-11-25T10:30:00.5".
std::string format_local(LocalTime local);
/// Reads "2026-11-25" or "2026-11-25T10:30[:00[.5]]" without an offset.
Result<LocalTime> parse_local(std::string_view text);

}  // namespace millwright
