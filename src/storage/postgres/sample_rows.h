#pragma once
/// Samples and waveform blocks as rows of a tenant's database.
///
/// Threads: those of the Connection. Writing is part of the caller's transaction.

#include "postgres/connection.h"
#include "storage/sample_store.h"

namespace millwright::pg {

/// Samples of many series: columns ordered by series, then time, without doubles.
struct SortedSamples {
  std::vector<std::int64_t> series;
  std::vector<std::int64_t> at_us;
  std::vector<double> value;
};
/// Of equal timestamps the one that comes last in the batches stays.
SortedSamples sort_samples(std::span<const SampleBatch* const> batches);

/// Copies the samples in; those at or before their series' newest first remove what they replace.
Result<> write_samples(postgres::Connection& connection, const SortedSamples& samples);
/// Stores a block; one of the same start is replaced.
Result<> write_waveform(postgres::Connection& connection, SeriesId series, const Waveform& block);
/// After samples or blocks were removed: finds the newest of each series again.
Result<> find_newest(postgres::Connection& connection, const std::vector<std::int64_t>& series);

struct StoredBlock {
  std::uint64_t version = 0;
  Waveform block;
};
/// Blocks that reach into the range, by start.
Result<std::vector<StoredBlock>> load_blocks(postgres::Connection& connection, SeriesId series,
                                             TimeRange range);
/// All samples of a series in the range, blocks expanded, ascending.
Result<SampleColumns> load(postgres::Connection& connection, SeriesId series, TimeRange range,
                           std::size_t limit);

std::vector<std::int64_t> numbers(std::span<const SeriesId> series);

}  // namespace millwright::pg
