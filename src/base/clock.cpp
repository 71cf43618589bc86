#include "base/clock.h"

#include <cstdio>

namespace millwright {
namespace {

/// Reads exactly `digits` decimal digits at `*at`.
bool read_number(std::string_view text, std::size_t* at, int digits, int* out) {
  int value = 0;
  for (int i = 0; i < digits; ++i, ++*at) {
    if (*at >= text.size() || text[*at] < '0' || text[*at] > '9') return false;
    value = value * 10 + (text[*at] - '0');
  }
  *out = value;
  return true;
}

bool read_char(std::string_view text, std::size_t* at, char c) {
  if (*at >= text.size() || text[*at] != c) return false;
  ++*at;
  return true;
}

/// Fraction of a second in microseconds; further digits are dropped.
bool read_fraction(std::string_view text, std::size_t* at, std::int64_t* us) {
  *us = 0;
  if (*at >= text.size() || (text[*at] != '.' && text[*at] != ',')) return true;
  ++*at;
  std::int64_t scale = 100'000;
  const std::size_t first = *at;
  for (; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at, scale /= 10) {
    *us += (text[*at] - '0') * scale;
  }
  return *at > first;
}

bool read_offset(std::string_view text, std::size_t* at, std::chrono::minutes* offset) {
  *offset = std::chrono::minutes{0};
  if (*at == text.size()) return true;
  if (text[*at] == 'Z' || text[*at] == 'z') return ++*at == text.size();
  const char sign = text[*at];
  if (sign != '+' && sign != '-') return false;
  ++*at;
  int hours = 0;
  int minutes = 0;
  if (!read_number(text, at, 2, &hours)) return false;
  read_char(text, at, ':');
  if (!read_number(text, at, 2, &minutes) || hours > 23 || minutes > 59) return false;
  *offset = std::chrono::minutes{(sign == '-' ? -1 : 1) * (hours * 60 + minutes)};
  return *at == text.size();
}

}  // namespace

std::string format_utc(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{t - day};
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()),
                int(time.subseconds().count()));
  return buffer;
}

Result<Timestamp> parse_utc(std::string_view text) {
  const auto refuse = [&] {
    return invalid_argument("'" + std::string(text.substr(0, 64)) +
                            "' is not a time such as 2026-11-25T09:30:00Z");
  };
  std::size_t at = 0;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_us = 0;
  std::chrono::minutes offset{0};
  if (!read_number(text, &at, 4, &year) || !read_char(text, &at, '-') ||
      !read_number(text, &at, 2, &month) || !read_char(text, &at, '-') ||
      !read_number(text, &at, 2, &day)) {
    return refuse();
  }
  if (at < text.size()) {
    if (!read_char(text, &at, 'T') && !read_char(text, &at, ' ')) return refuse();
    if (!read_number(text, &at, 2, &hour) || !read_char(text, &at, ':') ||
        !read_number(text, &at, 2, &minute)) {
      return refuse();
    }
    if (read_char(text, &at, ':') &&
        (!read_number(text, &at, 2, &second) || !read_fraction(text, &at, &fraction_us))) {
      return refuse();
    }
    if (!read_offset(text, &at, &offset)) return refuse();
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return refuse();
  return Timestamp{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                   std::chrono::minutes{minute} + std::chrono::seconds{second} +
                   Microseconds{fraction_us} - offset};
}

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

}  // namespace millwright
