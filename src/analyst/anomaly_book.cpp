#include "analyst/anomaly_book.h"

#include <algorithm>
#include <set>

namespace millwright {
namespace {

constexpr std::chrono::seconds kBetweenUpdates{5};
constexpr std::size_t kOrphansLookedAt = 1'000;

void take_over(Anomaly& anomaly, const ml::AnomalyChange& change) {
  anomaly.kind = to_string(change.kind);
  anomaly.start = from_us(change.start_us);
  if (change.end_us) anomaly.end = from_us(*change.end_us);
  anomaly.severity = change.severity;
  anomaly.reason = change.reason;
}

}  // namespace

Result<> AnomalyBook::apply(const Metric& metric, const FeatureChange& found) {
  const auto& change = found.change;
  const Key key{metric.series, found.feature};
  auto entry = open_.find(key);
  const bool is_other =
      entry == open_.end() || to_us(entry->second.anomaly.start) != change.start_us;
  if (is_other) {
    Anomaly anomaly{0, metric.series, metric.key, "", {}, {}, 0, ""};
    entry = open_.insert_or_assign(key, Entry{std::move(anomaly), {}}).first;
  }
  Anomaly& anomaly = entry->second.anomaly;
  const bool is_growth = !is_other && change.phase == ml::AnomalyPhase::kUpdated &&
                         anomaly.kind == to_string(change.kind);
  take_over(anomaly, change);
  if (is_growth && clock_.steady_now() - entry->second.written < kBetweenUpdates) return {};
  const auto written = write(entry->second);
  if (change.phase == ml::AnomalyPhase::kClosed) open_.erase(entry);
  return written;
}

std::vector<OpenAnomaly> AnomalyBook::open_of(SeriesId series) const {
  std::vector<OpenAnomaly> open;
  for (auto entry = open_.lower_bound({series, ""});
       entry != open_.end() && entry->first.first == series; ++entry) {
    const Anomaly& anomaly = entry->second.anomaly;
    open.push_back({entry->first.second, anomaly.id, to_us(anomaly.start)});
  }
  return open;
}

void AnomalyBook::restore(const Metric& metric, const OpenAnomaly& open) {
  Anomaly anomaly{open.id, metric.series, metric.key, "", from_us(open.start_us), {}, 0, ""};
  open_.insert_or_assign({metric.series, open.feature}, Entry{std::move(anomaly), {}});
}

void AnomalyBook::forget(SeriesId series) {
  std::erase_if(open_, [&](const auto& entry) { return entry.first.first == series; });
}

Result<> AnomalyBook::close_orphans(const Device& device) {
  std::set<std::int64_t> followed;
  for (const auto& [key, entry] : open_) followed.insert(entry.anomaly.id);
  MW_ASSIGN(const Path everywhere, Path::parse(""));
  const TimeRange always{0, to_us(clock_.now()) + 1};
  MW_ASSIGN(const auto anomalies,
            store_.catalog().anomalies(device.id, everywhere, always, kOrphansLookedAt));
  for (const Anomaly& found : anomalies) {
    if (found.end || followed.contains(found.id)) continue;
    Entry orphan{found, {}};
    orphan.anomaly.end = std::max(found.start, device.latest_activity.value_or(found.start));
    orphan.anomaly.reason += " The analyst stopped while it was open.";
    MW_TRY(write(orphan));
  }
  return {};
}

Result<> AnomalyBook::write(Entry& entry) {
  MW_ASSIGN(entry.anomaly.id, store_.catalog().put_anomaly(entry.anomaly));
  entry.written = clock_.steady_now();
  bus_.publish(AnomalyChanged{store_.tenant(), entry.anomaly});
  return {};
}

}  // namespace millwright
