#include "analyst/limit_watch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "analyst/limit_words.h"
#include "base/log.h"
#include "signal/statistics.h"

namespace millwright {
namespace {

constexpr std::chrono::seconds kBetweenLooks{10};
constexpr std::int64_t kNarrowestUs = 10'000'000;
constexpr std::int64_t kMostSpans = 1'024;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 1'440 * kMinuteUs;
constexpr std::int64_t kPastDays = 400;
/// Class of the labels after which a path begins anew.
constexpr const char* kService = "service";
constexpr std::size_t kMostServices = 1'000;
constexpr double kSecondsPerHour = 3'600;

std::int64_t floor_to(std::int64_t at_us, std::int64_t width_us) {
  return at_us - ((at_us % width_us) + width_us) % width_us;
}

/// `count` spans from a time on, as boundaries.
std::vector<std::int64_t> boundaries_of(std::int64_t from_us, std::int64_t width_us,
                                        std::int64_t count) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i <= count; ++i) out.push_back(from_us + i * width_us);
  return out;
}

bool is_numeric_type(MetricType type) {
  return type == MetricType::kNumericScalar || type == MetricType::kWaveform;
}

}  // namespace

void LimitWatch::observe(const Metric& metric, std::int64_t newest_us) {
  for (auto& [id, watched] : watched_) {
    const bool is_same =
        watched.metric ? watched.metric->series == metric.series : watched.limit.key == metric.key;
    if (!is_same) continue;
    watched.metric = metric;
    watched.newest_us = std::max(newest_us, watched.newest_us.value_or(newest_us));
  }
}

std::optional<Prediction> LimitWatch::judge_one() {
  const auto now = clock_.steady_now();
  if (!refreshed_ || now - *refreshed_ >= kBetweenLooks) {
    refreshed_ = now;
    if (const auto looked = refresh(); !looked) {
      log::warning("the degradation limits cannot be read", {{"tenant", store_.tenant().str()},
                                                             {"reason", looked.error().message},
                                                             {"detail", looked.error().detail}});
    }
  }
  for (auto& [id, watched] : watched_) {
    if (auto prediction = judge(watched)) return prediction;
  }
  return std::nullopt;
}

Result<> LimitWatch::refresh() {
  TenantCatalog& catalog = store_.catalog();
  MW_ASSIGN(const auto limits, catalog.degradation_limits());
  std::set<std::int64_t> known;
  for (const DegradationLimit& limit : limits) {
    known.insert(limit.id);
    Watched& watched = watched_.try_emplace(limit.id, Watched{limit}).first->second;
    MW_TRY(refresh(watched));
  }
  for (auto it = watched_.begin(); it != watched_.end();) {
    const DegradationLimit& limit = it->second.limit;
    if (known.contains(limit.id)) {
      ++it;
      continue;
    }
    // It may have been foretold once more while the limit was deleted.
    const bool has_heir = std::any_of(limits.begin(), limits.end(), [&](const auto& other) {
      return other.key == limit.key && other.side == limit.side;
    });
    if (!has_heir) {
      MW_TRY(catalog.remove_prediction(limit.key.device, limit.key.path,
                                       PredictionKind::kRemainingUsefulLife, model_name(limit)));
    }
    it = watched_.erase(it);
  }
  return {};
}

Result<> LimitWatch::refresh(Watched& watched) {
  const MetricKey& key = watched.limit.key;
  if (!watched.metric) {
    MW_ASSIGN(const auto metrics, store_.catalog().metrics(key.device, key.path));
    const auto found = std::find_if(metrics.begin(), metrics.end(),
                                    [&](const Metric& metric) { return metric.key == key; });
    if (found == metrics.end()) return {};
    const std::array<SeriesId, 1> series{found->series};
    MW_ASSIGN(const auto latest, store_.samples().latest(series));
    if (latest.front()) watched.newest_us = latest.front()->timestamp_us;
    watched.metric = *found;
  }
  if (!watched.newest_us) return {};
  MW_ASSIGN(const Path whole_device, Path::parse(""));
  MW_ASSIGN(const auto services,
            store_.catalog().labels(key.device, whole_device, {0, *watched.newest_us + 1}, kService,
                                    kMostServices));
  std::optional<std::int64_t> serviced_us;
  for (const Label& service : services) {
    if (!is_within(key.path, service.path)) continue;
    if (service.metric && *service.metric != key.metric) continue;
    const std::int64_t done_us = to_us(service.end.value_or(service.start));
    serviced_us = std::max(done_us, serviced_us.value_or(done_us));
  }
  if (serviced_us != watched.serviced_us) {
    watched.serviced_us = serviced_us;
    watched.width_us = 0;  // all is read again
  }
  return {};
}

std::optional<Prediction> LimitWatch::judge(Watched& watched) {
  if (!watched.metric || !is_numeric_type(watched.metric->type)) {
    if (!watched.metric || std::exchange(watched.is_told, true)) return std::nullopt;
    Prediction prediction = prediction_of(watched);
    prediction.at = clock_.now();
    prediction.reason = limit_words::not_numeric(*watched.metric);
    return prediction;
  }
  const auto is_new = read(watched);
  if (is_new && !*is_new) return std::nullopt;
  Prediction prediction = prediction_of(watched);
  const double sign = watched.limit.side == LimitSide::kAbove ? 1 : -1;
  const auto forecast = is_new ? ml::forecast_limit(watched.points, sign * watched.limit.value)
                               : Result<ml::PathForecast>(is_new.error());
  if (!forecast) {
    log::warning("a metric cannot be followed to its limit",
                 {{"tenant", store_.tenant().str()},
                  {"metric", watched.limit.key.metric.str()},
                  {"reason", forecast.error().message},
                  {"detail", forecast.error().detail}});
    prediction.no_life = NoLife::kError;
    prediction.reason = limit_words::failed(forecast.error());
    return prediction;
  }
  if (forecast->outlook == ml::PathOutlook::kTooShort) prediction.no_life = NoLife::kPending;
  if (forecast->outlook == ml::PathOutlook::kForeseen ||
      forecast->outlook == ml::PathOutlook::kReached) {
    prediction.value = forecast->remaining_s / kSecondsPerHour;
    prediction.upper = forecast->upper_s / kSecondsPerHour;
  }
  if (prediction.value || forecast->outlook == ml::PathOutlook::kBeyondSight) {
    prediction.lower = forecast->lower_s / kSecondsPerHour;
  }
  prediction.reason = limit_words::reason(*forecast, watched.limit, *watched.metric);
  return prediction;
}

Prediction LimitWatch::prediction_of(const Watched& watched) const {
  const DegradationLimit& limit = watched.limit;
  // A service may be said to end later than the samples do.
  const std::int64_t at_us = std::min(watched.through_us, watched.newest_us.value_or(0));
  return {limit.key.device,
          limit.key.path,
          PredictionKind::kRemainingUsefulLife,
          model_name(limit),
          std::to_string(limit.id),
          from_us(at_us),
          {},
          {},
          {},
          {},
          {},
          "h",
          ""};
}

Result<bool> LimitWatch::read(Watched& watched) {
  if (!watched.newest_us) return false;
  const std::int64_t newest_us = *watched.newest_us;
  if (watched.failed_us && newest_us < *watched.failed_us + kNarrowestUs) return false;
  const std::int64_t width_us = watched.width_us;
  if (width_us > 0 && floor_to(newest_us, width_us) <= watched.through_us) return false;
  const std::size_t before = watched.points.size();
  auto done = width_us == 0 || newest_us - watched.begin_us > kMostSpans * width_us
                  ? read_all(watched)
                  : read_spans(watched, floor_to(newest_us, width_us));
  watched.failed_us.reset();
  if (!done) {
    watched.failed_us = newest_us;
    watched.width_us = 0;  // all is read again
    return std::move(done).error();
  }
  return width_us != watched.width_us || watched.points.size() != before;
}

Result<> LimitWatch::read_all(Watched& watched) {
  const std::int64_t newest_us = *watched.newest_us;
  watched.points.clear();
  watched.width_us = kNarrowestUs;
  MW_ASSIGN(const auto first_us, first_sample_us(watched));
  const std::int64_t from_us = first_us.value_or(newest_us);
  while (newest_us - floor_to(from_us, watched.width_us) > kMostSpans * watched.width_us) {
    watched.width_us *= 2;
  }
  watched.begin_us = watched.through_us = floor_to(from_us, watched.width_us);
  return read_spans(watched, floor_to(newest_us, watched.width_us));
}

Result<> LimitWatch::read_spans(Watched& watched, std::int64_t end_us) {
  const std::int64_t from_us = watched.through_us;
  if (from_us >= end_us) return {};
  watched.through_us = end_us;
  const auto boundaries =
      boundaries_of(from_us, watched.width_us, (end_us - from_us) / watched.width_us);
  MW_ASSIGN(const auto buckets, store_.samples().aggregate(watched.metric->series, boundaries));
  const double sign = watched.limit.side == LimitSide::kAbove ? 1 : -1;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i].count == 0) continue;
    double level = buckets[i].sum / static_cast<double>(buckets[i].count);
    if (watched.metric->type == MetricType::kWaveform) {
      MW_ASSIGN(level, burst_rms(watched.metric->series, {boundaries[i], boundaries[i + 1]}));
    }
    // No burst begins in the span, or a sum of huge values has left the range of a double.
    if (!std::isfinite(level)) continue;
    watched.points.push_back({static_cast<double>(boundaries[i] - watched.begin_us) / 1e6 +
                                  static_cast<double>(watched.width_us) / 2e6,
                              sign * level});
  }
  return {};
}

Result<std::optional<std::int64_t>> LimitWatch::first_sample_us(const Watched& watched) {
  const SeriesId series = watched.metric->series;
  const auto first_in = [&](std::int64_t from_us, std::int64_t width_us,
                            std::int64_t count) -> Result<std::optional<std::int64_t>> {
    const auto boundaries = boundaries_of(from_us, width_us, count);
    MW_ASSIGN(const auto buckets, store_.samples().aggregate(series, boundaries));
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      if (buckets[i].count > 0) return std::optional(boundaries[i]);
    }
    return std::optional<std::int64_t>();
  };
  const std::int64_t today_us = floor_to(*watched.newest_us, kDayUs);
  MW_ASSIGN(const auto day_us, first_in(today_us - kPastDays * kDayUs, kDayUs, kPastDays + 1));
  if (!day_us) return day_us;
  MW_ASSIGN(const auto minute_us, first_in(*day_us, kMinuteUs, kDayUs / kMinuteUs));
  if (!minute_us) return minute_us;
  return std::optional(std::max(*minute_us, watched.serviced_us.value_or(*minute_us)));
}

/// Not a number where a burst reaches into the span and none begins in it.
Result<double> LimitWatch::burst_rms(SeriesId series, TimeRange span) {
  MW_ASSIGN(const auto blocks, store_.samples().waveforms(series, span, 1));
  if (blocks.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values(blocks.front().value.begin(), blocks.front().value.end());
  return signal::shape_of(values).rms;
}

void LimitWatch::forget(const DeviceId& device) {
  std::erase_if(watched_,
                [&](const auto& entry) { return entry.second.limit.key.device == device; });
}

}  // namespace millwright
