#pragma once
/// What a value does at each hour of the day: its range over the days, and how far it has left that
/// range before. Trivially copyable.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace millwright::ml::detail {

class HourProfile {
 public:
  /// What it was at this hour and the ones beside it on other days; empty where nothing is known.
  struct Range {
    double low = 0.0, high = 0.0;
    bool is_known = false;
    /// How far x lies outside.
    double excess(double x) const { return is_known ? std::max({0.0, low - x, x - high}) : 0.0; }
  };
  Range range(std::int64_t t_us) const {
    Range range;
    each_near(t_us, [&](const Hour& hour) {
      if (hour.days == 0) return;
      range.low = range.is_known ? std::min<double>(range.low, hour.low) : hour.low;
      range.high = range.is_known ? std::max<double>(range.high, hour.high) : hour.high;
      range.is_known = true;
    });
    return range;
  }
  /// The largest excess that was taken for usual at these hours.
  double largest_excess(std::int64_t t_us) const {
    double largest = 0.0;
    each_near(t_us, [&](const Hour& hour) { largest = std::max<double>(largest, hour.excess); });
    return largest;
  }
  /// Days before today on which all of these hours have been seen.
  std::uint32_t days(std::int64_t t_us) const {
    std::uint32_t fewest = UINT32_MAX;
    each_near(t_us, [&](const Hour& hour) {
      const bool has_today = hour.days > 0 && hour.last_day == day_of(t_us);
      fewest = std::min<std::uint32_t>(fewest, hour.days - (has_today ? 1U : 0U));
    });
    return fewest;
  }

  void learn(std::int64_t t_us, double x) {
    const double away = days(t_us) > 0 ? range(t_us).excess(x) : 0.0;
    Hour& hour = hours_[hour_of(t_us)];
    const auto value = static_cast<float>(x);
    if (hour.days == 0) hour.low = hour.high = value;
    if (hour.last_day != day_of(t_us)) start_day(hour, day_of(t_us));
    hour.excess = std::max(hour.excess, static_cast<float>(away));
    hour.low = std::min(hour.low, value);
    hour.high = std::max(hour.high, value);
  }
  /// What was told once is known at this hour.
  void note_told(std::int64_t t_us, double excess_told) {
    Hour& hour = hours_[hour_of(t_us)];
    hour.excess = std::max(hour.excess, static_cast<float>(excess_told));
  }

 private:
  static constexpr std::int64_t kHourUs = 3'600'000'000;
  static constexpr float kForgottenADay = 0.1F;
  struct Hour {
    float low = 0.0F, high = 0.0F;
    float excess = 0.0F;
    std::uint16_t days = 0;
    std::uint16_t last_day = UINT16_MAX;
  };

  /// A little of what was is forgotten each day.
  static void start_day(Hour& hour, std::uint16_t day) {
    const float narrower = kForgottenADay * (hour.high - hour.low) / 2.0F;
    hour.low += narrower;
    hour.high -= narrower;
    hour.excess *= 1.0F - kForgottenADay;
    hour.last_day = day;
    if (hour.days < UINT16_MAX) ++hour.days;
  }
  static std::uint16_t day_of(std::int64_t t_us) {
    return static_cast<std::uint16_t>(t_us / (24 * kHourUs) % UINT16_MAX);
  }
  static std::size_t hour_of(std::int64_t t_us) {
    return static_cast<std::size_t>((t_us / kHourUs % 24 + 24) % 24);
  }
  template <typename Visit>
  void each_near(std::int64_t t_us, const Visit& visit) const {
    const std::size_t hour = hour_of(t_us);
    for (const std::size_t near : {(hour + 23) % 24, hour, (hour + 1) % 24}) visit(hours_[near]);
  }

  std::array<Hour, 24> hours_{};
};

}  // namespace millwright::ml::detail
