#pragma once
/// Local times as text, many at a time.
///
/// Writes the same as `format_local(zone.to_local(t))` at about a tenth of its cost, by keeping the
/// date of the day and the offset of the second. Not thread-safe: one object per answer.

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "model/timezone.h"

namespace millwright {

class LocalTextWriter {
 public:
  explicit LocalTextWriter(TimeZone zone) : zone_(std::move(zone)) {}
  /// ISO 8601 without an offset; valid until the next call.
  std::string_view write(std::int64_t timestamp_us);
  /// The same for a time that is local already.
  std::string_view write_local(std::int64_t local_us);

 private:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();

  TimeZone zone_;
  std::int64_t second_ = kNone;  // zones change at whole seconds only
  std::int64_t offset_us_ = 0;
  std::int64_t day_ = kNone;
  std::array<char, 32> text_{};  // "YYYY-MM-DDTHH:MM:SS.ffffff"
};

/// The instant in UTC, without trailing zeros of a fraction: "2026-11-25T09:30:00.5Z".
std::string utc_text(Timestamp t);

}  // namespace millwright
