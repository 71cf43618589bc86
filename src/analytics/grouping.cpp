#include "analytics/grouping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"

namespace millwright {
namespace {

using namespace std::chrono;

constexpr std::array<std::pair<std::string_view, Grouping>, 7> kGroupings{{
    {"SECOND", Grouping::kSecond},
    {"MINUTE", Grouping::kMinute},
    {"HOURLY", Grouping::kHourly},
    {"DAILY", Grouping::kDaily},
    {"WEEKLY", Grouping::kWeekly},
    {"MONTHLY", Grouping::kMonthly},
    {"YEARLY", Grouping::kYearly},
}};

constexpr std::array<std::pair<std::string_view, Aggregation>, 7> kAggregations{{
    {"MIN", Aggregation::kMin},
    {"MAX", Aggregation::kMax},
    {"AVG", Aggregation::kAvg},
    {"SUM", Aggregation::kSum},
    {"COUNT", Aggregation::kCount},
    {"FIRST", Aggregation::kFirst},
    {"LAST", Aggregation::kLast},
}};

/// Length of a clock unit; 0 for units of the calendar.
std::int64_t clock_unit_us(Grouping grouping) {
  switch (grouping) {
    case Grouping::kSecond:
      return 1'000'000;
    case Grouping::kMinute:
      return 60'000'000;
    case Grouping::kHourly:
      return 3'600'000'000;
    default:
      return 0;
  }
}

/// Walks the starts of clock units. A unit ends early where the clock is put forward or back.
class ClockUnits {
 public:
  ClockUnits(const TimeZone& zone, std::int64_t unit_us) : zone_(zone), unit_us_(unit_us) {}

  std::int64_t start_of(std::int64_t t) const {
    const std::int64_t offset = offset_us(t);
    const std::int64_t start = t - into_unit(t + offset);
    return offset_us(start) == offset ? start : first_with(offset, start, t);
  }
  std::int64_t next(std::int64_t start) const {
    const std::int64_t offset = offset_us(start);
    const std::int64_t end = start + unit_us_ - into_unit(start + offset);
    if (offset_us(end - 1) == offset) return end;
    return first_with(offset_us(end - 1), start, end - 1);
  }

 private:
  std::int64_t offset_us(std::int64_t t) const {
    return zone_.offset_at(from_us(t)).count() * 1'000'000;
  }
  std::int64_t into_unit(std::int64_t local) const {
    const std::int64_t rest = local % unit_us_;
    return rest < 0 ? rest + unit_us_ : rest;
  }
  /// The first instant after `before` that has the offset; `at` has it. Bisection: one change.
  std::int64_t first_with(std::int64_t offset, std::int64_t before, std::int64_t at) const {
    while (at - before > 1) {
      const std::int64_t middle = before + (at - before) / 2;
      (offset_us(middle) == offset ? at : before) = middle;
    }
    return at;
  }

  const TimeZone& zone_;
  std::int64_t unit_us_;
};

/// Walks local midnights on which a calendar unit begins.
class CalendarUnits {
 public:
  CalendarUnits(const TimeZone& zone, Grouping grouping) : zone_(zone), grouping_(grouping) {}

  std::int64_t start_of(std::int64_t t) {
    const auto local = zone_.to_local(from_us(t)).time_since_epoch();
    day_ = unit_start(sys_days{floor<days>(local)});
    return midnight(day_);
  }
  /// A day that a zone skipped altogether (Samoa, 2011-12-30) has no bucket.
  std::int64_t next(std::int64_t start) {
    std::int64_t instant = start;
    while (instant <= start) {
      day_ = next_unit(day_);
      instant = midnight(day_);
    }
    return instant;
  }

 private:
  std::int64_t midnight(sys_days day) const {
    return to_us(zone_.to_utc(LocalTime{Microseconds{day.time_since_epoch()}}));
  }
  sys_days unit_start(sys_days day) const {
    const year_month_day date{day};
    switch (grouping_) {
      case Grouping::kWeekly:
        return day - (weekday{day} - Monday);
      case Grouping::kMonthly:
        return sys_days{date.year() / date.month() / 1};
      case Grouping::kYearly:
        return sys_days{date.year() / January / 1};
      default:
        return day;
    }
  }
  sys_days next_unit(sys_days day) const {
    const year_month_day date{day};
    switch (grouping_) {
      case Grouping::kWeekly:
        return day + days{7};
      case Grouping::kMonthly:
        return sys_days{date + months{1}};
      case Grouping::kYearly:
        return sys_days{date + years{1}};
      default:
        return day + days{1};
    }
  }

  const TimeZone& zone_;
  Grouping grouping_;
  sys_days day_{};
};

template <typename Units>
Result<BucketGrid> grid_of(Units units, TimeRange range, std::size_t limit) {
  BucketGrid grid;
  std::int64_t start = units.start_of(range.start_us);
  while (start < range.end_us) {
    const std::int64_t end = units.next(start);
    if (end > range.start_us) {
      if (grid.starts_us.size() == limit) {
        return resource_exhausted("the range makes more than " + std::to_string(limit) +
                                  " buckets; choose a coarser grouping or a shorter range");
      }
      grid.starts_us.push_back(start);
      grid.boundaries_us.push_back(std::max(start, range.start_us));
    }
    start = end;
  }
  grid.boundaries_us.push_back(range.end_us);
  return grid;
}

/// JSON has no infinity: one absurd sample must not cost the answer of all the others.
double finite_sum(const Bucket& bucket) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::isnan(bucket.sum) ? 0 : std::clamp(bucket.sum, -kLargest, kLargest);
}

double average(const Bucket& bucket) {
  const double value = finite_sum(bucket) / static_cast<double>(bucket.count);
  return std::isfinite(bucket.sum) ? value : std::clamp(value, bucket.min, bucket.max);
}

}  // namespace

std::optional<Grouping> grouping_of(std::string_view name) {
  for (const auto& [text, grouping] : kGroupings) {
    if (text == name) return grouping;
  }
  return std::nullopt;
}

std::optional<Aggregation> aggregation_of(std::string_view name) {
  for (const auto& [text, aggregation] : kAggregations) {
    if (text == name) return aggregation;
  }
  return std::nullopt;
}

double value_of(const Bucket& bucket, Aggregation aggregation) {
  MW_CHECK(bucket.count > 0);
  switch (aggregation) {
    case Aggregation::kMin:
      return bucket.min;
    case Aggregation::kMax:
      return bucket.max;
    case Aggregation::kAvg:
      return average(bucket);
    case Aggregation::kSum:
      return finite_sum(bucket);
    case Aggregation::kCount:
      return static_cast<double>(bucket.count);
    case Aggregation::kFirst:
      return bucket.first;
    case Aggregation::kLast:
      return bucket.last;
  }
  return 0;
}

Result<BucketGrid> make_grid(const TimeZone& zone, Grouping grouping, TimeRange range,
                             std::size_t limit) {
  const std::int64_t unit_us = clock_unit_us(grouping);
  // Counting first costs nothing and spares walking 100 years of seconds.
  if (unit_us > 0 && static_cast<std::uint64_t>((range.end_us - range.start_us) / unit_us) >
                         static_cast<std::uint64_t>(limit) + 2) {
    return resource_exhausted("the range makes more than " + std::to_string(limit) +
                              " buckets; choose a coarser grouping or a shorter range");
  }
  if (unit_us > 0) return grid_of(ClockUnits(zone, unit_us), range, limit);
  return grid_of(CalendarUnits(zone, grouping), range, limit);
}

}  // namespace millwright
