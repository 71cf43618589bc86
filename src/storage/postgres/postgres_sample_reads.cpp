// Reading of PostgresSampleStore: one query for all series, and one for each that has waveforms.
#include <algorithm>

#include "storage/postgres/aggregate_rows.h"
#include "storage/postgres/postgres_sample_store.h"
#include "storage/postgres/sample_rows.h"
#include "storage/sample_rules.h"

namespace millwright {

using postgres::Connection;
using postgres::Pool;
using postgres::Rows;
using postgres::Transaction;

namespace {

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/// Places of the series asked for, by number; one may be asked for twice.
std::multimap<std::int64_t, std::size_t> places_of(std::span<const SeriesId> series) {
  std::multimap<std::int64_t, std::size_t> out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    out.emplace(static_cast<std::int64_t>(series[i]), i);
  }
  return out;
}

}  // namespace

Result<std::vector<SeriesId>> PostgresSampleStore::with_waveforms(Connection& connection,
                                                                  std::span<const SeriesId> of) {
  MW_ASSIGN(const Rows rows,
            connection.query("SELECT DISTINCT series FROM waveforms WHERE series = ANY($1)",
                             pg::numbers(of)));
  std::vector<SeriesId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(SeriesId{rows.integer(i, 0)});
  return out;
}

Result<SampleColumns> PostgresSampleStore::read(SeriesId series, TimeRange range,
                                                std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction snapshot, Transaction::begin(*lease, true));
  MW_ASSIGN(SampleColumns out, pg::load(*lease, series, range, limit));
  MW_TRY(snapshot.commit());
  return out;
}

Result<std::vector<Waveform>> PostgresSampleStore::waveforms(SeriesId series, TimeRange range,
                                                             std::size_t limit) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(std::vector<pg::StoredBlock> blocks, pg::load_blocks(*lease, series, range));
  std::erase_if(blocks, [&](const auto& b) { return b.block.start_us < range.start_us; });
  const std::size_t skipped = blocks.size() - std::min(blocks.size(), limit);
  std::vector<Waveform> out;
  for (std::size_t i = skipped; i < blocks.size(); ++i) out.push_back(std::move(blocks[i].block));
  return out;
}

Result<std::vector<std::optional<SampleStore::Latest>>> PostgresSampleStore::latest(
    std::span<const SeriesId> series) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT series, at_us, value, sample_rate_hz FROM heads "
                                          "WHERE series = ANY($1)",
                                          pg::numbers(series)));
  std::unordered_map<std::int64_t, std::size_t> row_of;
  for (std::size_t i = 0; i < rows.size(); ++i) row_of.emplace(rows.integer(i, 0), i);
  std::vector<std::optional<Latest>> out(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto found = row_of.find(static_cast<std::int64_t>(series[i]));
    if (found == row_of.end()) continue;
    out[i] = Latest{rows.integer(found->second, 1), rows.real(found->second, 2),
                    rows.real(found->second, 3)};
  }
  return out;
}

Result<std::vector<Bucket>> PostgresSampleStore::aggregate(
    std::span<const SeriesId> series, std::span<const std::int64_t> boundaries_us) {
  MW_TRY(check_boundaries(boundaries_us));
  if (boundaries_us.size() < 2) return std::vector<Bucket>();
  const TimeRange range{boundaries_us.front(), boundaries_us.back()};
  const std::size_t buckets = boundaries_us.size() - 1;
  std::vector<Bucket> out(series.size() * buckets);
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction snapshot, Transaction::begin(*lease, true));
  const auto places = places_of(series);
  std::vector<std::int64_t> ids;
  for (const auto& [id, place] : places) {
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }
  MW_ASSIGN(const pg::FilledBuckets filled, pg::filled_buckets(*lease, ids, boundaries_us));
  for (const pg::FilledBucket& one : filled.buckets) {
    const auto [first, last] = places.equal_range(one.series);
    for (auto place = first; place != last; ++place) {
      out[place->second * buckets + one.number] = one.bucket;
    }
  }
  MW_ASSIGN(std::vector<SeriesId> to_add_up, with_waveforms(*lease, series));
  for (const std::int64_t id : filled.unsummed) to_add_up.push_back(SeriesId{id});
  for (const SeriesId id : to_add_up) {
    MW_ASSIGN(const SampleColumns samples, pg::load(*lease, id, range, kNoLimit));
    std::vector<Bucket> expanded(buckets);
    std::size_t at = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      while (samples.timestamp_us[i] >= boundaries_us[at + 1]) ++at;
      expanded[at].add(samples.value[i]);
    }
    const auto [first, last] = places.equal_range(static_cast<std::int64_t>(id));
    for (auto place = first; place != last; ++place) {
      std::copy(expanded.begin(), expanded.end(),
                out.begin() + static_cast<std::ptrdiff_t>(place->second * buckets));
    }
  }
  MW_TRY(snapshot.commit());
  return out;
}

Result<std::uint64_t> PostgresSampleStore::count_above(std::span<const SeriesId> series,
                                                       TimeRange range, double threshold) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction snapshot, Transaction::begin(*lease, true));
  MW_ASSIGN(const std::vector<SeriesId> waves, with_waveforms(*lease, series));
  std::uint64_t total = 0;
  for (const SeriesId id : waves) {
    MW_ASSIGN(const SampleColumns samples, pg::load(*lease, id, range, kNoLimit));
    for (const double v : samples.value) total += v > threshold ? 1 : 0;
  }
  MW_ASSIGN(const std::optional<std::int64_t> count,
            lease->integer("SELECT count(*) FROM numeric_scalar_values WHERE series = ANY($1) "
                           "AND series <> ALL($2) AND at_us >= $3 AND at_us < $4 AND value > $5",
                           pg::numbers(series), pg::numbers(waves), range.start_us, range.end_us,
                           threshold));
  MW_TRY(snapshot.commit());
  return total + static_cast<std::uint64_t>(count.value_or(0));
}

Result<std::uint64_t> PostgresSampleStore::count(SeriesId series, TimeRange range) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(Transaction snapshot, Transaction::begin(*lease, true));
  MW_ASSIGN(const std::vector<SeriesId> waves, with_waveforms(*lease, {&series, 1}));
  if (!waves.empty()) {
    MW_ASSIGN(const SampleColumns samples, pg::load(*lease, series, range, kNoLimit));
    return std::uint64_t{samples.size()};
  }
  MW_ASSIGN(const std::optional<std::int64_t> count,
            lease->integer("SELECT count(*) FROM numeric_scalar_values WHERE series = $1 "
                           "AND at_us >= $2 AND at_us < $3",
                           static_cast<std::int64_t>(series), range.start_us, range.end_us));
  MW_TRY(snapshot.commit());
  return static_cast<std::uint64_t>(count.value_or(0));
}

}  // namespace millwright
