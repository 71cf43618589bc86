#include "backtest/duration_words.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace millwright::backtest {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};
/// Largest first.
constexpr std::array<Unit, 5> kUnits{
    {{"w", 604'800}, {"d", 86'400}, {"h", 3'600}, {"min", 60}, {"s", 1}}};
constexpr double kTenYearsSeconds = 3'653.0 * 86'400.0;

}  // namespace

Result<Microseconds> parse_duration(std::string_view what, std::string_view text) {
  double number = 0.0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& known : kUnits) {
    const double seconds = number * static_cast<double>(known.seconds);
    if (read.ec != std::errc{} || unit != known.name) continue;
    if (seconds >= 0.0 && seconds <= kTenYearsSeconds) {
      return Microseconds(std::llround(seconds * 1e6));
    }
  }
  return invalid_argument(std::string(what) + " " + quote(text) +
                          " is not understood; write a number and s, min, h, d or w, such as "
                          "'10 min', of ten years at most");
}

std::string format_duration(Microseconds duration) {
  std::int64_t left = std::abs(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  std::string out = duration < Microseconds{0} && left > 0 ? "-" : "";
  int parts = 0;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;  // "9 d" says more than "1 w 2 d"
    const std::int64_t count = left / unit.seconds;
    left %= unit.seconds;
    if (count == 0 && parts == 0) continue;
    ++parts;
    if (count > 0) {
      out += (out.empty() || out == "-" ? "" : " ") + std::to_string(count) + " " +
             std::string(unit.name);
    }
    if (parts == 2) break;
  }
  return parts == 0 ? "0 s" : out;
}

}  // namespace millwright::backtest
