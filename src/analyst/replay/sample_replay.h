#pragma once
/// Stored samples once more, in the order of their time, as the analyst would have heard them.
///
/// All metrics of one device go on together, a minute at a time. Only a piece of the period is in
/// memory: as long as it may be without more samples than `samples_at_once`. Samples that came late
/// are where their time says.

#include <functional>
#include <set>
#include <span>
#include <stop_token>

#include "backtest/back_test.h"
#include "messaging/bus.h"
#include "storage/tenant_directory.h"

namespace millwright {

struct ReplayOptions {
  TimeRange range;
  std::size_t samples_at_once = std::size_t{1} << 20;  ///< 16 bytes each.
  std::stop_token stop;
  backtest::Progress progress;  ///< May be empty.
};

struct Replayed {
  std::uint64_t samples = 0;  ///< Waveforms count each of theirs.
  std::set<SeriesId> series;  ///< That had any.
  std::optional<std::int64_t> first_us;
  Microseconds watched{0};  ///< From the first to the last, without pauses of more than a day.
};

/// What came in one minute, and the time of its newest sample or burst.
using ReplayVisit = std::function<Result<>(const SamplesStored&, std::int64_t newest_us)>;

/// The metrics are of one device; those that are no numbers have no samples here.
/// Errors: those of the store and of the visit; kCancelled when stopped; kResourceExhausted where
/// one minute alone has too many samples.
Result<Replayed> replay_samples(TenantStore& store, std::span<const Metric> metrics,
                                const ReplayOptions& options, const ReplayVisit& visit);

}  // namespace millwright
