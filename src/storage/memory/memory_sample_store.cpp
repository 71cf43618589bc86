#include "storage/memory/memory_sample_store.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "storage/sample_rules.h"

namespace millwright {
namespace {
constexpr std::size_t kLedgerTail = 64;
}

// Producers ---------------------------------------------------------------------------------------

Result<> MemorySampleStore::open_session(const StreamKey& stream, std::uint64_t session_token) {
  const std::lock_guard lock(mutex_);
  sessions_[stream] = session_token;
  return {};
}

Result<std::optional<EpochState>> MemorySampleStore::epoch(const EpochId& epoch) {
  const std::lock_guard lock(mutex_);
  const auto found = epochs_.find(epoch);
  if (found == epochs_.end()) return std::optional<EpochState>();
  EpochState state = found->second.state;
  const auto& ledger = found->second.ledger;
  const std::size_t first = ledger.size() > kLedgerTail ? ledger.size() - kLedgerTail : 0;
  for (std::size_t i = first; i < ledger.size(); ++i) state.ledger.push_back(ledger[i].entry);
  return std::optional(std::move(state));
}

Result<std::optional<EpochId>> MemorySampleStore::newest_epoch(const StreamKey& stream) {
  const std::lock_guard lock(mutex_);
  std::optional<EpochId> newest;
  std::uint64_t advanced = 0;
  for (const auto& [id, epoch] : epochs_) {
    if (epoch.stream == stream && epoch.advanced > advanced) {
      advanced = epoch.advanced;
      newest = id;
    }
  }
  return newest;
}

Result<std::vector<DictionaryMapping>> MemorySampleStore::dictionary(const EpochId& epoch) {
  const std::lock_guard lock(mutex_);
  std::vector<DictionaryMapping> out;
  const auto found = epochs_.find(epoch);
  if (found == epochs_.end()) return out;
  for (const auto& [reference, series] : found->second.dictionary) {
    out.push_back({reference, series});
  }
  return out;
}

Result<std::vector<std::string>> MemorySampleStore::refusals(const EpochId& epoch,
                                                             std::uint64_t from_seq,
                                                             std::uint64_t to_seq) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  const auto found = epochs_.find(epoch);
  if (found == epochs_.end()) return out;
  for (const LedgerRow& row : found->second.ledger) {
    const bool overlaps = row.entry.base_seq <= to_seq && row.entry.end_seq >= from_seq;
    if (overlaps && !row.refusals.empty()) out.push_back(row.refusals);
  }
  return out;
}

Result<> MemorySampleStore::mark_forked(const EpochId& epoch) {
  const std::lock_guard lock(mutex_);
  const auto found = epochs_.find(epoch);
  if (found == epochs_.end()) return not_found("the epoch is not known; nothing to mark");
  found->second.state.forked = true;
  return {};
}

Result<std::vector<DeclaredGap>> MemorySampleStore::gaps() {
  const std::lock_guard lock(mutex_);
  return gaps_;
}

Result<std::uint64_t> MemorySampleStore::quarantined_count() {
  const std::lock_guard lock(mutex_);
  return std::uint64_t{quarantine_.size()};
}

// Writing -----------------------------------------------------------------------------------------

std::vector<Result<>> MemorySampleStore::append(std::span<const Append> appends) {
  const std::lock_guard lock(mutex_);
  std::vector<Result<>> results;
  for (const Append& append : appends) {
    results.push_back(check(append));
    if (results.back()) store(append);
  }
  return results;
}

Result<> MemorySampleStore::check(const Append& append) const {
  MW_TRY(check_append(append));
  if (!append.advance) return {};
  std::optional<std::uint64_t> token;
  if (const auto found = sessions_.find(append.advance->stream); found != sessions_.end()) {
    token = found->second;
  }
  std::optional<EpochPosition> position;
  if (const auto found = epochs_.find(append.advance->epoch); found != epochs_.end()) {
    position = EpochPosition{found->second.stream, found->second.state.watermark};
  }
  return check_advance(*append.advance, token, position);
}

void MemorySampleStore::store(const Append& append) {
  ++version_;
  append.samples.each_run([&](SeriesId series, auto at_us, auto value) {
    for (std::size_t i = 0; i < at_us.size(); ++i) {
      series_[series].samples[at_us[i]] = {value[i], version_};
    }
  });
  for (const SeriesWaveform& part : append.waveforms) {
    series_[part.series].blocks[part.block.start_us] = {part.block, ++version_};
  }
  if (append.gap) gaps_.push_back(*append.gap);
  quarantine_.insert(quarantine_.end(), append.quarantine.begin(), append.quarantine.end());
  if (append.advance) advance(*append.advance, append);
}

void MemorySampleStore::advance(const EpochAdvance& advance, const Append& append) {
  Epoch& epoch = epochs_[advance.epoch];
  epoch.stream = advance.stream;
  epoch.state.watermark = advance.end_seq;
  epoch.state.chain = advance.chain;
  epoch.advanced = ++version_;
  epoch.ledger.push_back({{advance.base_seq, advance.end_seq, advance.chain}, advance.refusals});
  for (const DictionaryMapping& mapping : append.dictionary) {
    epoch.dictionary[mapping.reference] = mapping.series;
  }
  for (const MovedMark& mark : append.moved) {
    std::uint64_t& through = epochs_[mark.original].state.moved_through;
    through = std::max(through, mark.through);
  }
}

Result<> MemorySampleStore::remove_agent(const DeviceId& agent) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& session) { return session.first.agent == agent; });
  std::erase_if(epochs_, [&](const auto& epoch) {
    return epoch.second.stream && epoch.second.stream->agent == agent;
  });
  return {};
}

Result<> MemorySampleStore::remove_series(std::span<const SeriesId> series) {
  const std::lock_guard lock(mutex_);
  for (const SeriesId id : series) series_.erase(id);
  return {};
}

std::int64_t MemorySampleStore::cut_of(const Series& series, std::int64_t before_us) {
  std::int64_t cut = before_us;
  // Backwards in time: a block that reaches beyond the cut stays, and with it all that it covers.
  bool moved = true;
  while (moved) {
    moved = false;
    for (const auto& [start_us, block] : series.blocks) {
      if (start_us >= cut || expand(block.waveform).timestamp_us.back() < cut) continue;
      cut = start_us;
      moved = true;
    }
  }
  return cut;
}

Result<bool> MemorySampleStore::expire(std::span<const Expiry> expiries) {
  const std::lock_guard lock(mutex_);
  for (const Expiry& expiry : expiries) {
    const auto found = series_.find(expiry.series);
    if (found == series_.end()) continue;
    auto& [samples, blocks] = found->second;
    const std::int64_t cut = cut_of(found->second, expiry.before_us);
    const std::size_t had = samples.size() + blocks.size();
    samples.erase(samples.begin(), samples.lower_bound(cut));
    blocks.erase(blocks.begin(), blocks.lower_bound(cut));
    const std::size_t has = samples.size() + blocks.size();
    if (has == 0) series_.erase(found);
    if (has != had) return true;  // a step is one series
  }
  return false;
}

Result<Expirable> MemorySampleStore::expirable(std::span<const Expiry> expiries) {
  const std::lock_guard lock(mutex_);
  Expirable out;
  for (const Expiry& expiry : expiries) {
    const auto found = series_.find(expiry.series);
    if (found == series_.end()) continue;
    const SampleColumns old = merged(expiry.series, {std::numeric_limits<std::int64_t>::min(),
                                                     cut_of(found->second, expiry.before_us)});
    if (old.empty()) continue;
    const bool is_first = out.samples == 0;
    out.samples += old.size();
    out.bytes += old.size() * (sizeof(std::int64_t) + sizeof(double));
    out.first_us =
        is_first ? old.timestamp_us.front() : std::min(out.first_us, old.timestamp_us.front());
    out.last_us =
        is_first ? old.timestamp_us.back() : std::max(out.last_us, old.timestamp_us.back());
  }
  return out;
}

Result<bool> MemorySampleStore::maintain() { return false; }

// Reading -----------------------------------------------------------------------------------------

SampleColumns MemorySampleStore::merged(SeriesId series, TimeRange range) const {
  SampleColumns out;
  const auto found = series_.find(series);
  if (found == series_.end() || range.start_us >= range.end_us) return out;
  std::vector<std::tuple<std::int64_t, std::uint64_t, double>> all;  // time, version, value
  const auto& samples = found->second.samples;
  for (auto it = samples.lower_bound(range.start_us);
       it != samples.end() && it->first < range.end_us; ++it) {
    all.emplace_back(it->first, it->second.version, it->second.value);
  }
  for (const auto& entry : found->second.blocks) {
    const SampleColumns block = expand(entry.second.waveform);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::int64_t at = block.timestamp_us[i];
      if (range.start_us <= at && at < range.end_us) {
        all.emplace_back(at, entry.second.version, block.value[i]);
      }
    }
  }
  std::sort(all.begin(), all.end());
  for (const auto& [at, version, value] : all) {
    if (!out.empty() && out.timestamp_us.back() == at) {
      out.value.back() = value;
    } else {
      out.append(at, value);
    }
  }
  return out;
}

Result<SampleColumns> MemorySampleStore::read(SeriesId series, TimeRange range, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  SampleColumns out = merged(series, range);
  if (out.size() > limit) return too_many_samples(limit);
  return out;
}

Result<std::vector<Waveform>> MemorySampleStore::waveforms(SeriesId series, TimeRange range,
                                                           std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Waveform> out;
  const auto found = series_.find(series);
  if (found == series_.end()) return out;
  for (const auto& [start_us, block] : found->second.blocks) {
    if (range.start_us <= start_us && start_us < range.end_us) out.push_back(block.waveform);
  }
  if (out.size() > limit) {
    out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return out;
}

Result<std::vector<std::optional<SampleStore::Latest>>> MemorySampleStore::latest(
    std::span<const SeriesId> series) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<Latest>> out;
  for (const SeriesId id : series) {
    std::optional<Latest> newest;
    std::uint64_t version = 0;
    const auto offer = [&](const Latest& candidate, std::uint64_t its_version) {
      if (newest &&
          std::tie(candidate.timestamp_us, its_version) < std::tie(newest->timestamp_us, version)) {
        return;
      }
      newest = candidate;
      version = its_version;
    };
    if (const auto found = series_.find(id); found != series_.end()) {
      if (const auto& samples = found->second.samples; !samples.empty()) {
        const auto& [at, sample] = *samples.rbegin();
        offer({at, sample.value, 0}, sample.version);
      }
      for (const auto& entry : found->second.blocks) {
        const Waveform& block = entry.second.waveform;
        offer({block.time_us(block.value.size() - 1), block.value.back(), block.sample_rate_hz},
              entry.second.version);
      }
    }
    out.push_back(newest);
  }
  return out;
}

Result<std::vector<Bucket>> MemorySampleStore::aggregate(
    std::span<const SeriesId> series, std::span<const std::int64_t> boundaries_us) {
  MW_TRY(check_boundaries(boundaries_us));
  if (boundaries_us.size() < 2) return std::vector<Bucket>();
  const std::lock_guard lock(mutex_);
  const std::size_t buckets = boundaries_us.size() - 1;
  std::vector<Bucket> out(series.size() * buckets);
  for (std::size_t s = 0; s < series.size(); ++s) {
    const SampleColumns all = merged(series[s], {boundaries_us.front(), boundaries_us.back()});
    std::size_t bucket = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      while (all.timestamp_us[i] >= boundaries_us[bucket + 1]) ++bucket;
      out[s * buckets + bucket].add(all.value[i]);
    }
  }
  return out;
}

Result<std::uint64_t> MemorySampleStore::count_above(std::span<const SeriesId> series,
                                                     TimeRange range, double threshold) {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const SeriesId id : series) {
    for (const double v : merged(id, range).value) count += v > threshold ? 1 : 0;
  }
  return count;
}

Result<std::uint64_t> MemorySampleStore::count(SeriesId series, TimeRange range) {
  const std::lock_guard lock(mutex_);
  return std::uint64_t{merged(series, range).size()};
}

}  // namespace millwright
