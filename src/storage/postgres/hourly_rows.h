#pragma once
/// Hourly roll-ups of samples: count, min, max, sum, first and last of each series and hour (UTC).
///
/// They follow the samples and never contradict them. Hours before the mark are rolled up, except
/// those in the list of stale hours: something in them has changed, or they are yet to be computed.
/// Whoever changes samples lists the hours in the same transaction; roll_up() works the list off. A
/// reader's snapshot thus gives the same buckets with roll-ups as without. Waveform blocks are not
/// in them. (TimescaleDB's continuous aggregates answer with the old values until their next
/// refresh when samples come late: ADR 0015.)
///
/// Threads: those of the Connection; part of the caller's transaction.

#include "postgres/connection.h"
#include "storage/postgres/sample_rows.h"

namespace millwright::pg {

inline constexpr std::int64_t kHourUs = 3'600'000'000;
/// Hours before this one are never rolled up; so no reckoning with hours leaves 64 bits.
inline constexpr std::int64_t kEarliestHourUs = -2'500'000'000 * kHourUs;

/// Start of the hour that the instant lies in.
std::int64_t hour_of(std::int64_t at_us);

/// Start of the first hour that is not rolled up yet.
Result<std::int64_t> rolled_up_through(postgres::Connection& connection);

/// These samples were stored.
Result<> samples_changed(postgres::Connection& connection, const SortedSamples& samples);
/// All samples of these series were removed.
Result<> series_removed(postgres::Connection& connection, const std::vector<std::int64_t>& series);
/// The samples of this series before the instant were removed.
Result<> beginning_removed(postgres::Connection& connection, std::int64_t series,
                           std::int64_t before_us);
/// The samples of all series in a range of whole hours were removed.
Result<> range_removed(postgres::Connection& connection, TimeRange range);

/// Computes a bounded number of stale hours and, when there is none, moves the mark towards an hour
/// before `now_us`. Answers whether there is more to do.
Result<bool> roll_up(postgres::Connection& connection, std::int64_t now_us);

}  // namespace millwright::pg
