// Reading of SqliteSampleStore: each call works on one snapshot, piece by piece.
#include <algorithm>
#include <limits>

#include "storage/sample_rules.h"
#include "storage/sqlite/sqlite_sample_store.h"

namespace millwright {
namespace {

bool within(const Piece& piece, TimeRange range) {
  return range.start_us <= piece.first_us && piece.last_us < range.end_us;
}

/// Positions of the samples that lie in the range.
std::pair<std::size_t, std::size_t> slice(const SampleColumns& samples, TimeRange range) {
  const auto& at = samples.timestamp_us;
  const auto begin = std::lower_bound(at.begin(), at.end(), range.start_us);
  const auto end = std::lower_bound(begin, at.end(), range.end_us);
  return {static_cast<std::size_t>(begin - at.begin()), static_cast<std::size_t>(end - at.begin())};
}

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

/// Hands out the pieces of a range, cluster by cluster.
template <typename Visit>
Result<> each_cluster(Connection& connection, SeriesId series, TimeRange range, Visit visit) {
  MW_ASSIGN(const std::vector<Piece> pieces, find_pieces(connection, series, range));
  for (std::span<const Piece> rest = pieces; !rest.empty();) {
    const auto cluster = first_cluster(rest);
    MW_TRY(visit(cluster));
    rest = rest.subspan(cluster.size());
  }
  return {};
}

}  // namespace

Result<SampleColumns> SqliteSampleStore::read(SeriesId series, TimeRange range, std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(*reader));
  SampleColumns out;
  SampleColumns samples;
  const auto visit = [&](std::span<const Piece> cluster) -> Result<> {
    MW_TRY(load_merged(*reader, series, cluster, samples));
    const auto [begin, end] = slice(samples, range);
    if (out.size() + (end - begin) > limit) return too_many_samples(limit);
    const auto from = static_cast<std::ptrdiff_t>(begin);
    const auto to = static_cast<std::ptrdiff_t>(end);
    out.timestamp_us.insert(out.timestamp_us.end(), samples.timestamp_us.begin() + from,
                            samples.timestamp_us.begin() + to);
    out.value.insert(out.value.end(), samples.value.begin() + from, samples.value.begin() + to);
    return {};
  };
  MW_TRY(each_cluster(*reader, series, range, visit));
  return out;
}

Result<std::vector<Waveform>> SqliteSampleStore::waveforms(SeriesId series, TimeRange range,
                                                           std::size_t limit) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(*reader));
  std::vector<Piece> blocks;
  MW_TRY(find_waveforms(*reader, series, range, 0, blocks));
  std::vector<Waveform> out;
  const std::size_t skipped = blocks.size() > limit ? blocks.size() - limit : 0;
  for (std::size_t i = skipped; i < blocks.size(); ++i) {
    MW_ASSIGN(Waveform block, load_waveform(*reader, series, blocks[i]));
    out.push_back(std::move(block));
  }
  return out;
}

Result<std::vector<Bucket>> SqliteSampleStore::aggregate(
    std::span<const SeriesId> series, std::span<const std::int64_t> boundaries_us) {
  MW_TRY(check_boundaries(boundaries_us));
  if (boundaries_us.size() < 2) return std::vector<Bucket>();
  const std::size_t buckets = boundaries_us.size() - 1;
  std::vector<Bucket> out(series.size() * buckets);
  for (std::size_t i = 0; i < series.size(); ++i) {
    MW_TRY(aggregate(series[i], boundaries_us, std::span(out).subspan(i * buckets, buckets)));
  }
  return out;
}

Result<> SqliteSampleStore::aggregate(SeriesId series, std::span<const std::int64_t> boundaries_us,
                                      std::span<Bucket> out) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(*reader));
  const TimeRange range{boundaries_us.front(), boundaries_us.back()};
  // Clusters come in the order of time, so the bucket of the next sample is never an earlier one.
  std::size_t bucket = 0;
  const auto move_to = [&](std::int64_t at_us) {
    while (at_us >= boundaries_us[bucket + 1]) ++bucket;
  };
  SampleColumns samples;
  const auto visit = [&](std::span<const Piece> cluster) -> Result<> {
    const Piece& only = cluster.front();
    if (cluster.size() == 1 && within(only, range)) {
      move_to(only.first_us);
      if (only.last_us < boundaries_us[bucket + 1]) {
        add(out[bucket], only.stats);
        return {};
      }
    }
    MW_TRY(load_merged(*reader, series, cluster, samples));
    const auto [begin, end] = slice(samples, range);
    for (std::size_t i = begin; i < end; ++i) {
      move_to(samples.timestamp_us[i]);
      out[bucket].add(samples.value[i]);
    }
    return {};
  };
  return each_cluster(*reader, series, range, visit);
}

Result<std::uint64_t> SqliteSampleStore::count_above(std::span<const SeriesId> series,
                                                     TimeRange range, double threshold) {
  std::uint64_t total = 0;
  for (const SeriesId id : series) {
    MW_ASSIGN(const SampleColumns samples,
              read(id, range, std::numeric_limits<std::size_t>::max()));
    for (const double v : samples.value) total += v > threshold ? 1 : 0;
  }
  return total;
}

Result<std::uint64_t> SqliteSampleStore::count(SeriesId series, TimeRange range) {
  MW_ASSIGN(const ReaderPool::Lease reader, readers_.lease());
  MW_ASSIGN(const Snapshot snapshot, Snapshot::begin(*reader));
  std::uint64_t total = 0;
  SampleColumns samples;
  const auto visit = [&](std::span<const Piece> cluster) -> Result<> {
    if (cluster.size() == 1 && within(cluster.front(), range)) {
      total += cluster.front().stats.count;
      return {};
    }
    MW_TRY(load_merged(*reader, series, cluster, samples));
    const auto [begin, end] = slice(samples, range);
    total += end - begin;
    return {};
  };
  MW_TRY(each_cluster(*reader, series, range, visit));
  return total;
}

}  // namespace millwright
