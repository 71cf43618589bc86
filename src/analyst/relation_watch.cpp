#include "analyst/relation_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/log.h"

namespace millwright {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kPastMinutes = 1'440;
constexpr std::int64_t kMinutesAStep = 240;
constexpr const char* kFeature = "relation";
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool is_whole(const std::vector<double>& row) {
  return std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); });
}

template <typename Members>
bool has_samples(const Members& members) {
  return std::all_of(members.begin(), members.end(),
                     [](const auto& member) { return member.means.filling_us().has_value(); });
}

std::string name_of(const Metric& metric) {
  return metric.display_name.empty() ? metric.key.metric.str() : metric.display_name;
}

}  // namespace

void RelationWatch::observe(const Metric& metric, const SampleColumns& samples) {
  Place& place = places_[{metric.key.device, metric.key.path}];
  if (place.counters.contains(metric.series)) return;
  auto& members = place.members;
  auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
    return member.metric.series == metric.series;
  });
  if (found == members.end()) {
    if (members.size() == ml::RelationDetector::kMostColumns) return;
    found = members.insert(members.end(), Member{metric, BucketMean(kMinuteUs), {}});
    start_anew(place);  // the new one's past is read with that of the others
  }
  const auto index = static_cast<std::size_t>(found - members.begin());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto bucket = members[index].means.add(samples.timestamp_us[i], samples.value[i]);
    if (!bucket) continue;
    members[index].counter.note(bucket->mean);
    if (members[index].counter.is_counter()) return leave_out(place, index);
    take(place, index, *bucket);
  }
}

void RelationWatch::leave_out(Place& place, std::size_t member) {
  start_anew(place);
  place.counters.insert(place.members[member].metric.series);
  place.members.erase(place.members.begin() + static_cast<std::ptrdiff_t>(member));
}

void RelationWatch::start_anew(Place& place) {
  if (place.open) close_open(place, place.open->start_us);
  place.detector.reset();
  place.rows.clear();
  place.past_read_us.reset();
  place.knows_past = false;
}

void RelationWatch::take(Place& place, std::size_t member, const BucketMean::Bucket& bucket) {
  if (!place.knows_past) return;
  auto [entry, is_new] = place.rows.try_emplace(bucket.start_us, place.members.size(), kMissing);
  entry->second[member] = bucket.mean;
  if (!is_whole(entry->second)) return;
  const std::vector<double> row = std::move(entry->second);
  // Rows before it that still lack a value stay without: time has gone on.
  place.rows.erase(place.rows.begin(), std::next(entry));
  judge(place, bucket.start_us, row);
}

void RelationWatch::judge(Place& place, std::int64_t minute_us, const std::vector<double>& row) {
  const auto found = place.detector->update(minute_us, row);
  if (!found) return;
  if (!found->is_open) return close_open(place, found->end_us);
  ml::AnomalyChange change;
  change.kind = ml::AnomalyKind::kRelation;
  change.start_us = found->start_us;
  change.severity = found->severity;
  change.reason = found->reason;
  place.open = change;
  place.open_member = found->column;
  write(place.members[found->column].metric, change);
}

void RelationWatch::close_open(Place& place, std::int64_t end_us) {
  if (!place.open) return;
  ml::AnomalyChange change = *place.open;
  change.phase = ml::AnomalyPhase::kClosed;
  change.end_us = end_us;
  place.open.reset();
  write(place.members[place.open_member].metric, change);
}

void RelationWatch::write(const Metric& metric, const ml::AnomalyChange& change) {
  ++changes_;
  if (const auto written = book_.apply(metric, {kFeature, change}); !written) {
    log::warning("an anomaly cannot be stored", {{"tenant", store_.tenant().str()},
                                                 {"reason", written.error().message},
                                                 {"detail", written.error().detail}});
  }
}

bool RelationWatch::read_a_past() {
  for (auto& [key, place] : places_) {
    if (place.knows_past || place.members.size() < 2 || !has_samples(place.members)) continue;
    if (const auto read = read_past(place); !read) {
      place.knows_past = true;
      log::warning("the past of a place cannot be read; its relations are learnt anew",
                   {{"tenant", store_.tenant().str()},
                    {"path", key.second.str()},
                    {"reason", read.error().message}});
    }
    return true;
  }
  return false;
}

Result<> RelationWatch::read_past(Place& place) {
  std::vector<SeriesId> series;
  std::vector<std::string> names;
  std::int64_t end_us = std::numeric_limits<std::int64_t>::max();
  for (const Member& member : place.members) {
    series.push_back(member.metric.series);
    names.push_back(name_of(member.metric));
    end_us = std::min(end_us, *member.means.filling_us());
  }
  if (!place.detector) {
    MW_ASSIGN(ml::RelationDetector detector, ml::RelationDetector::create(std::move(names)));
    place.detector.emplace(std::move(detector));
  }
  const std::int64_t from_us = place.past_read_us.value_or(end_us - kPastMinutes * kMinuteUs);
  std::vector<std::int64_t> boundaries;
  for (std::int64_t i = 0; i <= kMinutesAStep; ++i) {
    const std::int64_t at_us = from_us + i * kMinuteUs;
    if (at_us <= end_us) boundaries.push_back(at_us);
  }
  place.past_read_us = boundaries.back();
  place.knows_past = boundaries.back() == end_us;
  if (boundaries.size() < 2) return {};
  MW_ASSIGN(const std::vector<Bucket> buckets, store_.samples().aggregate(series, boundaries));
  const std::size_t minutes = boundaries.size() - 1;
  std::vector<double> row(series.size());
  for (std::size_t minute = 0; minute < minutes; ++minute) {
    for (std::size_t s = 0; s < series.size(); ++s) {
      const Bucket& bucket = buckets[s * minutes + minute];
      row[s] = bucket.count == 0 ? kMissing : bucket.sum / static_cast<double>(bucket.count);
    }
    place.detector->update(boundaries[minute], row);
  }
  return {};
}

void RelationWatch::forget(const DeviceId& device) {
  for (auto it = places_.begin(); it != places_.end();) {
    if (it->first.first != device) {
      ++it;
      continue;
    }
    for (const Member& member : it->second.members) book_.forget(member.metric.series);
    it = places_.erase(it);
  }
}

}  // namespace millwright
