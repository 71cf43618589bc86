#include "analyst/course_watch.h"

#include <algorithm>

#include "base/log.h"

namespace millwright {
namespace {

constexpr std::int64_t kBucketUs = 300'000'000;
constexpr std::int64_t kPastBuckets = 8'064;  // four weeks
constexpr std::int64_t kBucketsAStep = 288;   // a day
constexpr std::uint32_t kCalmBuckets = 6;
constexpr double kCalmShare = 0.7;  // of the limit
/// How an anomaly's entry in the book is told from the always-on tier's.
constexpr const char* kFeature = "course";

ml::PastDetectorOptions options_of(const Metric& metric) {
  return {.name = metric.display_name.empty() ? metric.key.metric.str() : metric.display_name,
          .unit = metric.unit,
          .budget = {}};
}

}  // namespace

void CourseWatch::observe(const Metric& metric, const SampleColumns& samples) {
  auto found = watched_.find(metric.series);
  if (found == watched_.end()) {
    WatchBudget::Share share = budget_.take();
    if (!share) return;
    found = watched_
                .emplace(metric.series, Watched{std::move(share),
                                                metric,
                                                BucketMean(kBucketUs),
                                                ml::PastDetector(options_of(metric)),
                                                {},
                                                false,
                                                std::nullopt,
                                                std::nullopt,
                                                0})
                .first;
  }
  Watched& watched = found->second;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto bucket = watched.means.add(samples.timestamp_us[i], samples.value[i]);
    if (bucket && watched.knows_past) take(watched, *bucket);
  }
}

bool CourseWatch::read_a_past() {
  const auto next = std::find_if(watched_.begin(), watched_.end(), [](const auto& entry) {
    return !entry.second.knows_past && entry.second.means.filling_us();
  });
  if (next == watched_.end()) return false;
  Watched& watched = next->second;
  if (const auto read = read_past(watched); !read) {
    watched.knows_past = true;
    log::warning("the past of a metric cannot be read; its course is learnt anew",
                 {{"tenant", store_.tenant().str()},
                  {"metric", watched.metric.key.metric.str()},
                  {"reason", read.error().message}});
  }
  return true;
}

Result<> CourseWatch::read_past(Watched& watched) {
  const std::int64_t end_us = *watched.means.filling_us();
  const std::int64_t from_us = watched.past_read_us.value_or(end_us - kPastBuckets * kBucketUs);
  std::vector<std::int64_t> boundaries;
  for (std::int64_t i = 0; i <= kBucketsAStep; ++i) {
    const std::int64_t at_us = from_us + i * kBucketUs;
    if (at_us <= end_us) boundaries.push_back(at_us);
  }
  watched.past_read_us = boundaries.back();
  watched.knows_past = boundaries.back() == end_us;
  if (boundaries.size() < 2) return {};
  MW_ASSIGN(const std::vector<Bucket> buckets,
            store_.samples().aggregate(watched.metric.series, boundaries));
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i].count == 0) continue;
    const double mean = buckets[i].sum / static_cast<double>(buckets[i].count);
    watched.counter.note(mean);
    watched.detector.update(boundaries[i], mean);
  }
  return {};
}

void CourseWatch::take(Watched& watched, const BucketMean::Bucket& bucket) {
  watched.counter.note(bucket.mean);
  if (watched.counter.is_counter()) return;
  const auto alarm = watched.detector.update(bucket.start_us, bucket.mean);
  if (alarm && !watched.open) {
    ml::AnomalyChange change;
    change.kind = alarm->cause == ml::PastAlarm::Cause::kLevel ? ml::AnomalyKind::kLevelShift
                                                               : ml::AnomalyKind::kShape;
    change.start_us = alarm->t_us;
    change.severity = alarm->score;
    change.reason = alarm->reason;
    watched.open = change;
    watched.calm = 0;
    write(watched, change);
    return;
  }
  if (!watched.open) return;
  const bool is_calm = watched.detector.score() < kCalmShare * watched.detector.limit();
  watched.calm = is_calm ? watched.calm + 1 : 0;
  if (watched.calm < kCalmBuckets) return;
  ml::AnomalyChange change = *watched.open;
  change.phase = ml::AnomalyPhase::kClosed;
  change.end_us = bucket.start_us - (kCalmBuckets - 1) * kBucketUs;
  watched.open.reset();
  write(watched, change);
}

void CourseWatch::write(Watched& watched, const ml::AnomalyChange& change) {
  ++changes_;
  if (const auto written = book_.apply(watched.metric, {kFeature, change}); !written) {
    log::warning("an anomaly cannot be stored", {{"tenant", store_.tenant().str()},
                                                 {"reason", written.error().message},
                                                 {"detail", written.error().detail}});
  }
}

void CourseWatch::forget(const DeviceId& device) {
  for (auto it = watched_.begin(); it != watched_.end();) {
    if (it->second.metric.key.device == device) {
      book_.forget(it->first);
      it = watched_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace millwright
