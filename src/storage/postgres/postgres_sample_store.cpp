#include "storage/postgres/postgres_sample_store.h"

#include "storage/postgres/hourly_rows.h"
#include "storage/postgres/producer_rows.h"
#include "storage/postgres/sample_rows.h"
#include "storage/postgres/schema.h"
#include "storage/sample_rules.h"

namespace millwright {

using postgres::Connection;
using postgres::Pool;
using postgres::Rows;
using postgres::Transaction;

namespace {

/// The append does not fit; anything else is a failure of the medium.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kAborted ||
         code == ErrorCode::kOutOfRange || code == ErrorCode::kFailedPrecondition;
}

}  // namespace

Result<std::unique_ptr<PostgresSampleStore>> PostgresSampleStore::open(Pool& pool,
                                                                       std::string target,
                                                                       std::string holder) {
  std::unique_ptr<PostgresSampleStore> store(
      new PostgresSampleStore(pool, std::move(target), std::move(holder)));
  MW_ASSIGN(const Pool::Lease lease, pool.lease(store->target_));
  MW_TRY(lease->migrate("samples", pg::samples_migrations()));
  MW_TRY(store->layout_.open(*lease));
  return store;
}

PostgresSampleStore::~PostgresSampleStore() {
  const auto lease = pool_.lease(target_);
  if (lease) lease_.release(**lease);
}

// Producers ---------------------------------------------------------------------------------------

Result<> PostgresSampleStore::write(const std::function<Result<>(Connection&)>& work) {
  const auto run = [&]() -> Result<> {
    MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
    MW_ASSIGN(Transaction transaction, Transaction::begin(*lease));
    MW_TRY(lease_.assert_held(*lease));
    MW_TRY(work(*lease));
    return transaction.commit();
  };
  Result<> done = run();
  lease_.committed(done.has_value());
  return done;
}

Result<> PostgresSampleStore::open_session(const StreamKey& stream, std::uint64_t session_token) {
  const std::lock_guard lock(writing_);
  return write([&](Connection& c) { return pg::open_session(c, stream, session_token); });
}
Result<std::optional<EpochState>> PostgresSampleStore::epoch(const EpochId& epoch) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  return pg::epoch(*lease, epoch);
}
Result<std::optional<EpochId>> PostgresSampleStore::newest_epoch(const StreamKey& stream) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  return pg::newest_epoch(*lease, stream);
}
Result<std::vector<DictionaryMapping>> PostgresSampleStore::dictionary(const EpochId& epoch) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  return pg::dictionary(*lease, epoch);
}
Result<std::vector<std::string>> PostgresSampleStore::refusals(const EpochId& epoch,
                                                               std::uint64_t from_seq,
                                                               std::uint64_t to_seq) {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  return pg::refusals(*lease, epoch, from_seq, to_seq);
}
Result<> PostgresSampleStore::mark_forked(const EpochId& epoch) {
  const std::lock_guard lock(writing_);
  return write([&](Connection& c) { return pg::mark_forked(c, epoch); });
}
Result<std::vector<DeclaredGap>> PostgresSampleStore::gaps() {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  return pg::gaps(*lease);
}
Result<std::uint64_t> PostgresSampleStore::quarantined_count() {
  MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
  MW_ASSIGN(const std::optional<std::int64_t> count,
            lease->integer("SELECT count(*) FROM quarantine"));
  return static_cast<std::uint64_t>(count.value_or(0));
}

// Writing -----------------------------------------------------------------------------------------

std::vector<Result<>> PostgresSampleStore::append(std::span<const Append> appends) {
  std::vector<Result<>> results;
  results.reserve(appends.size());
  const std::lock_guard lock(writing_);
  const auto prepare = [&]() -> Result<> {
    MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
    for (const Append& append : appends) {
      MW_TRY(layout_.prepare(*lease, append.samples.columns.timestamp_us));
    }
    return {};
  };
  Result<> committed = prepare();
  if (committed) {
    committed = write([&](Connection& c) { return commit_all(c, appends, results); });
  }
  if (!committed) results.assign(appends.size(), committed.error());
  return results;
}

Result<> PostgresSampleStore::commit_all(Connection& connection, std::span<const Append> appends,
                                         std::vector<Result<>>& results) {
  std::vector<const SampleBatch*> batches;
  for (const Append& append : appends) {
    // An append is judged before anything of it is written, and after those before it are.
    Result<> fits = check_append(append);
    if (fits && append.advance) fits = pg::check(connection, *append.advance);
    results.push_back(fits);
    if (!fits) {
      if (!is_refusal(fits.error().code)) return fits.error();
      continue;
    }
    batches.push_back(&append.samples);
    for (const SeriesWaveform& part : append.waveforms) {
      MW_TRY(pg::write_waveform(connection, part.series, part.block));
    }
    MW_TRY(pg::store(connection, append));
  }
  return pg::write_samples(connection, pg::sort_samples(batches));
}

Result<> PostgresSampleStore::remove_agent(const DeviceId& agent) {
  const std::lock_guard lock(writing_);
  return write([&](Connection& c) { return pg::remove_agent(c, agent); });
}

Result<> PostgresSampleStore::remove_series(std::span<const SeriesId> series) {
  const std::lock_guard lock(writing_);
  return write([&](Connection& c) -> Result<> {
    const std::vector<std::int64_t> ids = pg::numbers(series);
    for (const char* sql : {"DELETE FROM numeric_scalar_values WHERE series = ANY($1)",
                            "DELETE FROM waveforms WHERE series = ANY($1)",
                            "DELETE FROM heads WHERE series = ANY($1)"}) {
      MW_TRY(c.run(sql, ids));
    }
    return pg::series_removed(c, ids);
  });
}

Result<bool> PostgresSampleStore::maintain() {
  const std::lock_guard lock(writing_);
  const SystemClock clock;
  const std::int64_t now_us = to_us(clock.now());
  const auto prepare = [&]() -> Result<> {
    MW_ASSIGN(const Pool::Lease lease, pool_.lease(target_));
    return layout_.prepare_ahead(*lease, now_us);
  };
  MW_TRY(prepare());
  bool more = false;
  const auto roll_up = [&](Connection& connection) -> Result<> {
    MW_ASSIGN(more, pg::roll_up(connection, now_us));
    return {};
  };
  MW_TRY(write(roll_up));
  return more;
}

Result<> PostgresSampleStore::settle() {
  bool more = true;
  while (more) {
    MW_ASSIGN(more, maintain());
  }
  return {};
}

}  // namespace millwright
