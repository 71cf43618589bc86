#include "analytics/local_text.h"

#include <cstring>

namespace millwright {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

void two_digits(char* at, std::int64_t value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view LocalTextWriter::write(std::int64_t timestamp_us) {
  const std::int64_t second = floor_div(timestamp_us, kSecondUs);
  if (second != second_) {
    second_ = second;
    offset_us_ = zone_.offset_at(from_us(timestamp_us)).count() * kSecondUs;
  }
  return write_local(timestamp_us + offset_us_);
}

std::string_view LocalTextWriter::write_local(std::int64_t local_us) {
  const std::int64_t day = floor_div(local_us, kDayUs);
  if (day != day_) {
    day_ = day;
    const std::string date = format_local(LocalTime{Microseconds{day * kDayUs}});
    std::memcpy(text_.data(), date.data(), std::min<std::size_t>(date.size(), text_.size()));
  }
  const std::int64_t in_day_us = local_us - day * kDayUs;
  const std::int64_t seconds = in_day_us / kSecondUs;
  std::int64_t fraction = in_day_us % kSecondUs;
  two_digits(&text_[11], seconds / 3600);
  two_digits(&text_[14], seconds / 60 % 60);
  two_digits(&text_[17], seconds % 60);
  std::size_t length = 19;
  if (fraction != 0) {
    text_[length++] = '.';
    for (std::int64_t scale = 100'000; fraction != 0; scale /= 10) {
      text_[length++] = static_cast<char>('0' + fraction / scale);
      fraction %= scale;
    }
  }
  return {text_.data(), length};
}

std::string utc_text(Timestamp t) { return format_local(LocalTime{t.time_since_epoch()}) + "Z"; }

}  // namespace millwright
