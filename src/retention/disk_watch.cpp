#include "retention/disk_watch.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "base/check.h"
#include "base/log.h"
#include "retention/keep_words.h"

namespace millwright {
namespace {

constexpr std::uint64_t kGibibyte = 1ULL << 30;
constexpr std::uint64_t kReopenAt = 10;  // a tenth above the floor

std::string size_words(std::uint64_t bytes) {
  return retention::format_bytes(static_cast<double>(bytes));
}

}  // namespace

Result<DiskSpace> measure_disk(const std::filesystem::path& folder) {
  struct statvfs found = {};
  if (::statvfs(folder.c_str(), &found) != 0) {
    return internal_error("cannot tell how much space is left for " + folder.string(),
                          std::generic_category().message(errno));
  }
  return DiskSpace{std::uint64_t{found.f_blocks} * found.f_frsize,
                   std::uint64_t{found.f_bavail} * found.f_frsize};
}

std::optional<double> robust_slope(std::span<const double> x, std::span<const double> y) {
  MW_CHECK(x.size() == y.size());
  std::vector<double> slopes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      slopes.push_back((y[j] - y[i]) / (x[j] - x[i]));
    }
  }
  if (slopes.empty()) return std::nullopt;
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  if (slopes.size() % 2 == 1) return *middle;
  return (*std::max_element(slopes.begin(), middle) + *middle) / 2;
}

DiskWatch::DiskWatch(Measure measure, const Clock& clock, telemetry::Telemetry& telemetry,
                     DiskWatchOptions options)
    : measure_(std::move(measure)),
      clock_(clock),
      options_(options),
      size_(telemetry.gauge("millwright_disk_size_bytes", "Size of the data's file system")),
      free_(telemetry.gauge("millwright_disk_free_bytes", "What is free of it")),
      floor_(telemetry.gauge("millwright_disk_floor_bytes",
                             "Below this much free space no samples are taken in")),
      refused_(telemetry.gauge("millwright_disk_ingestion_refused",
                               "1 while samples are refused for want of space")),
      growth_(telemetry.gauge("millwright_disk_growth_bytes_per_day",
                              "How fast free space shrinks, over the last hours")),
      days_(telemetry.gauge("millwright_disk_full_in_days",
                            "Days until the floor at that rate; +Inf where nothing grows")) {
  days_.set(std::numeric_limits<double>::infinity());
  tick();
}

void DiskWatch::tick() {
  const auto space = measure_();
  if (!space) {
    if (std::exchange(was_measured_, false)) {
      log::warning("the free disk space cannot be measured",
                   {{"reason", space.error().message}, {"detail", space.error().detail}});
    }
    return;  // whatever held goes on to hold
  }
  was_measured_ = true;
  newest_ = *space;
  size_.set(static_cast<double>(space->size_bytes));
  free_.set(static_cast<double>(space->free_bytes));
  floor_.set(static_cast<double>(floor_of(*space)));
  watch_floor(*space);
  watch_growth(*space);
}

std::uint64_t DiskWatch::floor_of(const DiskSpace& space) const {
  return options_.floor_bytes.value_or(std::min(kGibibyte, space.size_bytes / 20));
}

// The floor ---------------------------------------------------------------------------------------

void DiskWatch::watch_floor(const DiskSpace& space) {
  const std::uint64_t floor = floor_of(space);
  const bool was_full = is_full_;
  const bool is_full =
      was_full ? space.free_bytes < floor + floor / kReopenAt : space.free_bytes < floor;
  if (is_full == was_full) return;
  is_full_ = is_full;
  refused_.set(is_full ? 1 : 0);
  if (is_full) {
    log::error("the disk is nearly full; samples are refused until there is space again",
               {{"free_bytes", space.free_bytes}, {"floor_bytes", floor}});
  } else {
    log::info("the disk has space again; samples are taken in",
              {{"free_bytes", space.free_bytes}, {"floor_bytes", floor}});
  }
}

Result<> DiskWatch::admit() const {
  if (!is_full_) return {};
  return resource_exhausted(
      "the server's disk is nearly full and takes no samples in; keep them and try again in " +
      std::to_string(options_.retry_after.count()) + " s");
}

// The forecast ------------------------------------------------------------------------------------

void DiskWatch::watch_growth(const DiskSpace& space) {
  const auto now = clock_.steady_now();
  if (!history_.empty() && now - history_.back().at < options_.measure_interval) return;
  history_.push_back({now, space.free_bytes});
  while (now - history_.front().at > options_.window) history_.pop_front();
  const auto told = forecast();
  if (!told) return;
  growth_.set(told->growth_bytes_per_day);
  days_.set(told->days.value_or(std::numeric_limits<double>::infinity()));
  const bool is_near = told->days && *told->days < options_.warn_days;
  if (!is_near || (warned_ && now - *warned_ < options_.warn_again)) return;
  warned_ = now;
  log::warning("the disk will be full soon",
               {{"days", std::round(*told->days * 10) / 10},
                {"free", size_words(space.free_bytes)},
                {"growth_a_day", retention::format_bytes(told->growth_bytes_per_day)}});
}

std::optional<DiskWatch::Forecast> DiskWatch::forecast() const {
  if (history_.empty() || history_.back().at - history_.front().at < options_.least_history) {
    return std::nullopt;
  }
  std::vector<double> days;
  std::vector<double> used;
  for (const Measurement& each : history_) {
    days.push_back(
        std::chrono::duration<double, std::ratio<86'400>>(each.at - history_.front().at).count());
    used.push_back(-static_cast<double>(each.free_bytes));
  }
  const auto slope = robust_slope(days, used);
  if (!slope) return std::nullopt;
  Forecast out{*slope, std::nullopt};
  if (*slope > 0) {
    const std::uint64_t floor = floor_of(newest_);
    const double left =
        newest_.free_bytes > floor ? static_cast<double>(newest_.free_bytes - floor) : 0;
    out.days = left / *slope;
  }
  return out;
}

}  // namespace millwright
