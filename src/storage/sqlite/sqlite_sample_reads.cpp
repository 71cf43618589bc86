// Reading of SqliteSampleStore: each call takes what is in memory, then a snapshot of the files,
// and goes through them piece by piece.
#include <algorithm>
#include <limits>

#include "storage/sample_rules.h"
#include "storage/sqlite/parallel.h"
#include "storage/sqlite/piece_walk.h"
#include "storage/sqlite/sqlite_sample_store.h"

namespace millwright {
namespace {

constexpr std::size_t kSeriesAThread = 16;
constexpr std::size_t kSeriesASnapshot = 32;

bool never(const Piece&) { return false; }

/// Adds what comes after all that `to` has.
void add(Bucket& to, const Bucket& more) {
  if (to.count == 0) {
    to = more;
    return;
  }
  to.count += more.count;
  to.min = std::min(to.min, more.min);
  to.max = std::max(to.max, more.max);
  to.sum += more.sum;
  to.last = more.last;
}

/// The same as Bucket::add for each, with less work a value. Not empty.
Bucket bucket_of(std::span<const double> value) {
  Bucket out{value.size(), value[0], value[0], 0, value.front(), value.back()};
  for (const double v : value) {
    out.min = std::min(out.min, v);
    out.max = std::max(out.max, v);
    out.sum += v;
  }
  return out;
}

/// Fills buckets with samples and chunks that come in the order of time.
class BucketFiller {
 public:
  BucketFiller(std::span<const std::int64_t> boundaries_us, std::span<Bucket> out)
      : boundaries_us_(boundaries_us), out_(out) {}

  /// Whether the piece lies in one bucket; it is then added.
  bool whole(const Piece& piece) {
    if (piece.kind != Piece::Kind::kChunk && piece.kind != Piece::Kind::kWaveform) return false;
    move_to(piece.first_us);
    if (piece.last_us >= boundaries_us_[at_ + 1]) return false;
    add(out_[at_], piece.stats);
    return true;
  }
  void samples(const SampleColumns& samples) {
    const auto& at_us = samples.timestamp_us;
    for (std::size_t begin = 0; begin < at_us.size();) {
      move_to(at_us[begin]);
      const std::int64_t boundary = boundaries_us_[at_ + 1];
      std::size_t end = begin + 1;
      while (end < at_us.size() && at_us[end] < boundary) ++end;
      add(out_[at_], bucket_of(std::span(samples.value).subspan(begin, end - begin)));
      begin = end;
    }
  }

 private:
  void move_to(std::int64_t at_us) {
    while (at_us >= boundaries_us_[at_ + 1]) ++at_;
  }
  const std::span<const std::int64_t> boundaries_us_;
  const std::span<Bucket> out_;
  std::size_t at_ = 0;
};

}  // namespace

template <typename Visit>
Result<> SqliteSampleStore::each_series(std::span<const SeriesId> series, TimeRange range,
                                        Visit visit) {
  for (std::size_t begin = 0; begin < series.size(); begin += kSeriesASnapshot) {
    const auto part = series.subspan(begin, std::min(kSeriesASnapshot, series.size() - begin));
    std::vector<HeadView> views;
    bool has_waveforms = false;
    for (const SeriesId id : part) {
      views.push_back(heads_.view(id, range));
      has_waveforms = has_waveforms || views.back().has_waveforms;
    }
    MW_ASSIGN(const ReaderPool::Lease chunks, chunk_readers_.lease());
    MW_ASSIGN(const Snapshot chunk_snapshot, Snapshot::begin(*chunks));
    std::optional<ReaderPool::Lease> samples;
    std::optional<Snapshot> samples_snapshot;
    if (has_waveforms) {
      MW_ASSIGN(ReaderPool::Lease lease, sample_readers_.lease());
      samples.emplace(std::move(lease));
      MW_ASSIGN(Snapshot snapshot, Snapshot::begin(**samples));
      samples_snapshot.emplace(std::move(snapshot));
    }
    PieceWalk walk(*chunks, samples ? &**samples : nullptr);
    for (std::size_t i = 0; i < views.size(); ++i) MW_TRY(visit(walk, views[i], begin + i));
  }
  return {};
}

Result<SampleColumns> SqliteSampleStore::read(SeriesId series, TimeRange range, std::size_t limit) {
  SampleColumns out;
  const auto take = [&](const SampleColumns& samples) -> Result<> {
    if (out.size() + samples.size() > limit) return too_many_samples(limit);
    out.timestamp_us.insert(out.timestamp_us.end(), samples.timestamp_us.begin(),
                            samples.timestamp_us.end());
    out.value.insert(out.value.end(), samples.value.begin(), samples.value.end());
    return {};
  };
  MW_TRY(each_series({&series, 1}, range, [&](PieceWalk& walk, const HeadView& view, std::size_t) {
    return walk.run(view, range, never, take);
  }));
  return out;
}

Result<std::vector<Waveform>> SqliteSampleStore::waveforms(SeriesId series, TimeRange range,
                                                           std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease samples, sample_readers_.lease());
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(*samples));
  std::vector<Piece> blocks;
  MW_TRY(find_waveforms(*samples, series, range, blocks));
  std::erase_if(blocks, [&](const Piece& block) { return block.first_us < range.start_us; });
  const std::size_t skipped = blocks.size() - std::min(blocks.size(), limit);
  std::vector<Waveform> out;
  for (const Piece& block : std::span(blocks).subspan(skipped)) {
    MW_ASSIGN(Waveform loaded, load_waveform(*samples, series, block));
    out.push_back(std::move(loaded));
  }
  return out;
}

Result<std::vector<std::optional<SampleStore::Latest>>> SqliteSampleStore::latest(
    std::span<const SeriesId> series) {
  return heads_.latest(series);
}

Result<std::vector<Bucket>> SqliteSampleStore::aggregate(
    std::span<const SeriesId> series, std::span<const std::int64_t> boundaries_us) {
  MW_TRY(check_boundaries(boundaries_us));
  if (boundaries_us.size() < 2) return std::vector<Bucket>();
  const TimeRange range{boundaries_us.front(), boundaries_us.back()};
  const std::size_t buckets = boundaries_us.size() - 1;
  std::vector<Bucket> out(series.size() * buckets);
  const auto fill = [&](std::size_t begin, std::size_t end) {
    return each_series(series.subspan(begin, end - begin), range,
                       [&](PieceWalk& walk, const HeadView& view, std::size_t i) {
                         BucketFiller filler(
                             boundaries_us, std::span(out).subspan((begin + i) * buckets, buckets));
                         return walk.run(
                             view, range, [&](const Piece& piece) { return filler.whole(piece); },
                             [&](const SampleColumns& samples) -> Result<> {
                               filler.samples(samples);
                               return {};
                             });
                       });
  };
  MW_TRY(in_parallel(series.size(), kSeriesAThread, fill));
  return out;
}

Result<std::uint64_t> SqliteSampleStore::count_above(std::span<const SeriesId> series,
                                                     TimeRange range, double threshold) {
  std::atomic<std::uint64_t> total = 0;
  const auto count = [&](std::size_t begin, std::size_t end) -> Result<> {
    std::uint64_t found = 0;
    const auto whole = [&](const Piece& piece) {
      if (piece.kind != Piece::Kind::kChunk && piece.kind != Piece::Kind::kWaveform) return false;
      if (piece.stats.min > threshold) found += piece.stats.count;
      return piece.stats.min > threshold || !(piece.stats.max > threshold);
    };
    const auto samples = [&](const SampleColumns& columns) -> Result<> {
      for (const double v : columns.value) found += v > threshold ? 1 : 0;
      return {};
    };
    MW_TRY(each_series(series.subspan(begin, end - begin), range,
                       [&](PieceWalk& walk, const HeadView& view, std::size_t) {
                         return walk.run(view, range, whole, samples);
                       }));
    total += found;
    return {};
  };
  MW_TRY(in_parallel(series.size(), kSeriesAThread, count));
  return total.load();
}

Result<std::uint64_t> SqliteSampleStore::count(SeriesId series, TimeRange range) {
  std::uint64_t total = 0;
  const auto whole = [&](const Piece& piece) {
    if (piece.kind != Piece::Kind::kChunk && piece.kind != Piece::Kind::kWaveform) return false;
    total += piece.stats.count;
    return true;
  };
  const auto samples = [&](const SampleColumns& columns) -> Result<> {
    total += columns.size();
    return {};
  };
  MW_TRY(each_series({&series, 1}, range, [&](PieceWalk& walk, const HeadView& view, std::size_t) {
    return walk.run(view, range, whole, samples);
  }));
  return total;
}

}  // namespace millwright
