#include "storage/sqlite/series_heads.h"

#include <algorithm>

namespace millwright {
namespace {

/// Room for a full block and those that come while it is compressed.
constexpr std::size_t kRoom = Unsealed::kBlockSamples + Unsealed::kBlockSamples / 4;

std::size_t next_capacity(std::size_t size) {
  return size == Unsealed::kBlockSamples ? kRoom : std::max<std::size_t>(size * 2, 32);
}

/// Series that are sealed together lie together on disk.
constexpr std::int64_t kSealGroup = 128;

/// Series that began together would be due together for ever: groups begin at different counts.
std::size_t first_seal_at(SeriesId series) {
  const auto group = static_cast<std::uint64_t>(static_cast<std::int64_t>(series) / kSealGroup);
  const std::uint64_t spread = (group * 0x9E37'79B9'7F4A'7C15ULL) >> 54;  // 10 bits
  return kChunkSamples / 2 + static_cast<std::size_t>(spread) * (kChunkSamples / 2) / 1'024;
}

std::vector<SeriesId> sorted(std::vector<SeriesId> series) {
  std::sort(series.begin(), series.end());
  return series;
}

}  // namespace

// Readers -----------------------------------------------------------------------------------------

std::vector<std::optional<SampleStore::Latest>> SeriesHeads::latest(
    std::span<const SeriesId> series) const {
  std::vector<std::optional<SampleStore::Latest>> out(series.size());
  const std::shared_lock lock(mutex_);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Head* found = find(series[i]);
    if (found == nullptr || !found->newest.exists) continue;
    out[i] = {found->newest.at_us, found->newest.value, found->newest.sample_rate_hz};
  }
  return out;
}

HeadView SeriesHeads::view(SeriesId series, TimeRange range) const {
  const std::shared_lock lock(mutex_);
  HeadView out{series, {}, false};
  if (const Head* found = find(series)) {
    out.has_waveforms = found->has_waveforms;
    if (found->count > 0) out.unsealed = found->unsealed.slice(range);
  }
  return out;
}

// The writer --------------------------------------------------------------------------------------

const SeriesHeads::Head* SeriesHeads::find(SeriesId series) const {
  const auto id = static_cast<std::int64_t>(series);
  if (id >= 0 && id < kDense) {
    if (id >= static_cast<std::int64_t>(dense_.size())) return nullptr;
    const std::uint32_t place = dense_[static_cast<std::size_t>(id)];
    return place == kNone ? nullptr : &heads_[place];
  }
  const auto found = odd_.find(series);
  return found == odd_.end() ? nullptr : &heads_[found->second];
}

SeriesHeads::Head& SeriesHeads::head(SeriesId series) {
  if (const Head* found = find(series)) return const_cast<Head&>(*found);
  const auto id = static_cast<std::int64_t>(series);
  const auto place = static_cast<std::uint32_t>(heads_.size());
  if (id >= 0 && id < kDense) {
    if (id >= static_cast<std::int64_t>(dense_.size())) {
      dense_.resize(static_cast<std::size_t>(id) + 1, kNone);
    }
    dense_[static_cast<std::size_t>(id)] = place;
  } else {
    odd_.emplace(series, place);
  }
  Head& added = heads_.emplace_back();
  added.series = series;
  added.seal_at = first_seal_at(series);
  return added;
}

void SeriesHeads::apply(std::uint64_t log_id, const SampleBatch& batch) {
  applied_log_ = log_id;
  std::size_t at = 0;
  for (const SeriesRun& run : batch.runs) {
    Head& to = head(run.series);
    const std::size_t end = at + run.count;
    if (log_id > to.through_log) {
      for (; at < end; ++at) {
        add(to, log_id, {batch.columns.timestamp_us[at], batch.columns.value[at]});
      }
    }
    at = end;
  }
}

void SeriesHeads::add(Head& to, std::uint64_t log_id, Sample sample) {
  const bool is_late = to.newest.exists && sample.at_us <= to.newest.at_us;
  if (is_late) {
    to.unsealed.late.push_back(sample);
  } else {
    auto& recent = to.unsealed.recent;
    if (recent.size() == recent.capacity()) {
      recent.reserve(next_capacity(recent.size()));
    }
    recent.push_back(sample);
    if (recent.size() == Unsealed::kBlockSamples) full_.push_back(to.series);
  }
  if (!is_late || sample.at_us == to.newest.at_us) {
    to.newest = {sample.at_us, sample.value, 0, true};
  }
  if (to.count == 0) to.first_log = log_id;
  ++to.count;
  unsealed_bytes_ += sizeof(Sample);
  if (to.count == to.seal_at) due_.push_back(to.series);
}

void SeriesHeads::set_waveform(SeriesId series, const Newest& last) {
  Head& to = head(series);
  to.has_waveforms = true;
  const bool is_waveforms = to.newest.sample_rate_hz > 0;
  if (!last.exists && !is_waveforms) return;
  if (!to.newest.exists || is_waveforms || last.at_us >= to.newest.at_us) to.newest = last;
}

void SeriesHeads::remove(SeriesId series, std::uint64_t through_log) {
  Head& gone = head(series);
  unsealed_bytes_ -= gone.unsealed.bytes();
  gone.newest = {};
  gone.unsealed = {};
  gone.count = 0;
  gone.through_log = through_log;
  gone.seal_at = kChunkSamples;
}

void SeriesHeads::restore(SeriesId series, const Newest& newest, std::uint64_t through_log) {
  Head& to = head(series);
  to.newest = newest;
  to.through_log = through_log;
  to.seal_at = kChunkSamples;
  applied_log_ = std::max(applied_log_, through_log);
}

// Sealing -----------------------------------------------------------------------------------------

std::vector<SeriesId> SeriesHeads::take_full() {
  const std::unique_lock lock(mutex_);
  return std::exchange(full_, {});
}

std::vector<SeriesId> SeriesHeads::take_due() {
  const std::unique_lock lock(mutex_);
  std::vector<SeriesId> due = sorted(std::exchange(due_, {}));
  // A series that was sealed for its age and filled up again is queued twice. Sealed twice at once,
  // with samples arriving in between, it would lose them.
  due.erase(std::unique(due.begin(), due.end()), due.end());
  return due;
}

bool SeriesHeads::has_work() const {
  const std::shared_lock lock(mutex_);
  return !full_.empty() || !due_.empty();
}

std::vector<SeriesId> SeriesHeads::unsealed_since(std::uint64_t log_id) const {
  std::vector<SeriesId> out;
  const std::shared_lock lock(mutex_);
  for (const Head& candidate : heads_) {
    if (candidate.count > 0 && candidate.first_log <= log_id) out.push_back(candidate.series);
  }
  return sorted(std::move(out));
}

std::vector<Sample> SeriesHeads::full_block(SeriesId series) const {
  const std::shared_lock lock(mutex_);
  const Head* found = find(series);
  if (found == nullptr || found->unsealed.recent.size() < Unsealed::kBlockSamples) return {};
  const auto begin = found->unsealed.recent.begin();
  return {begin, begin + Unsealed::kBlockSamples};
}

void SeriesHeads::compressed(SeriesId series, Unsealed::Block block) {
  const std::unique_lock lock(mutex_);
  auto& recent = head(series).unsealed.recent;
  // A series may have been removed meanwhile.
  if (recent.size() < block.count || recent.front().at_us != block.first_us) return;
  recent.erase(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(block.count));
  if (recent.capacity() > kRoom && recent.size() <= kRoom / 2) {
    std::vector<Sample> smaller;
    smaller.reserve(kRoom);
    smaller.assign(recent.begin(), recent.end());
    recent.swap(smaller);
  }
  unsealed_bytes_ += block.bytes->size();
  unsealed_bytes_ -= block.count * sizeof(Sample);
  head(series).unsealed.blocks.push_back(std::move(block));
  if (recent.size() >= Unsealed::kBlockSamples) full_.push_back(series);
}

Harvest SeriesHeads::harvest(SeriesId series) const {
  const std::shared_lock lock(mutex_);
  Harvest out{series, {}, {}, applied_log_};
  if (const Head* found = find(series)) {
    out.newest = found->newest;
    out.samples = found->unsealed;
  }
  return out;
}

void SeriesHeads::sealed(const Harvest& harvest) {
  const std::unique_lock lock(mutex_);
  Head& from = head(harvest.series);
  if (from.through_log >= harvest.through_log) return;  // removed meanwhile
  from.unsealed.remove_front(harvest.samples);
  from.count -= harvest.samples.count();
  unsealed_bytes_ -= harvest.samples.bytes();
  from.through_log = harvest.through_log;
  from.first_log = harvest.through_log + 1;
  from.seal_at = kChunkSamples;
  if (from.count >= from.seal_at) due_.push_back(from.series);
}

std::optional<std::uint64_t> SeriesHeads::oldest_log() const {
  std::optional<std::uint64_t> oldest;
  const std::shared_lock lock(mutex_);
  for (const Head& candidate : heads_) {
    if (candidate.count == 0) continue;
    if (!oldest || candidate.first_log < *oldest) oldest = candidate.first_log;
  }
  return oldest;
}

std::uint64_t SeriesHeads::unsealed_bytes() const {
  const std::shared_lock lock(mutex_);
  return unsealed_bytes_;
}

}  // namespace millwright
