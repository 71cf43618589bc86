#include "storage/sqlite/sqlite_sample_store.h"

#include <map>

#include "storage/sqlite/samples_schema.h"

namespace millwright {
namespace {

/// The append does not fit; anything else is a failure of the medium.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kAborted ||
         code == ErrorCode::kOutOfRange || code == ErrorCode::kFailedPrecondition;
}

}  // namespace

Result<std::unique_ptr<SqliteSampleStore>> SqliteSampleStore::open(
    const std::filesystem::path& file) {
  MW_ASSIGN(sqlite::Database database,
            sqlite::Database::open(file, sqlite::Durability::kEachCommit));
  MW_TRY(
      database.execute("PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=2000; "
                       "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"));
  MW_TRY(database.migrate(samples_migrations()));
  std::unique_ptr<SqliteSampleStore> store(new SqliteSampleStore(file, std::move(database)));
  MW_TRY(store->load());
  return store;
}

SqliteSampleStore::SqliteSampleStore(std::filesystem::path file, sqlite::Database database)
    : readers_(std::move(file)),
      connection_(std::move(database)),
      writer_(connection_, heads_),
      joiner_(connection_, writer_),
      producers_(connection_) {}

Result<> SqliteSampleStore::load() {
  const std::lock_guard lock(writing_);
  MW_TRY(heads_.load(connection_));
  MW_TRY(writer_.load());
  return joiner_.load();
}

// Producers ---------------------------------------------------------------------------------------

Result<> SqliteSampleStore::open_session(const StreamKey& stream, std::uint64_t session_token) {
  const std::lock_guard lock(writing_);
  return producers_.open_session(stream, session_token);
}
Result<std::optional<EpochState>> SqliteSampleStore::epoch(const EpochId& epoch) {
  const std::lock_guard lock(writing_);
  return producers_.epoch(epoch);
}
Result<std::optional<EpochId>> SqliteSampleStore::newest_epoch(const StreamKey& stream) {
  const std::lock_guard lock(writing_);
  return producers_.newest_epoch(stream);
}
Result<std::vector<DictionaryMapping>> SqliteSampleStore::dictionary(const EpochId& epoch) {
  const std::lock_guard lock(writing_);
  return producers_.dictionary(epoch);
}
Result<std::vector<std::string>> SqliteSampleStore::refusals(const EpochId& epoch,
                                                             std::uint64_t from_seq,
                                                             std::uint64_t to_seq) {
  const std::lock_guard lock(writing_);
  return producers_.refusals(epoch, from_seq, to_seq);
}
Result<> SqliteSampleStore::mark_forked(const EpochId& epoch) {
  const std::lock_guard lock(writing_);
  return producers_.mark_forked(epoch);
}
Result<std::vector<DeclaredGap>> SqliteSampleStore::gaps() {
  const std::lock_guard lock(writing_);
  return producers_.gaps();
}
Result<std::uint64_t> SqliteSampleStore::quarantined_count() {
  const std::lock_guard lock(writing_);
  return producers_.quarantined_count();
}

// Writing -----------------------------------------------------------------------------------------

std::vector<Result<>> SqliteSampleStore::append(std::span<const Append> appends) {
  std::vector<Result<>> results;
  results.reserve(appends.size());
  const std::lock_guard lock(writing_);
  if (auto committed = commit_all(appends, results); !committed) {
    heads_.discard();
    results.assign(appends.size(), committed.error());
  }
  return results;
}

Result<> SqliteSampleStore::commit_all(std::span<const Append> appends,
                                       std::vector<Result<>>& results) {
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  for (const Append& append : appends) {
    // An append is judged before anything of it is written, and after those before it are.
    results.push_back(check(append));
    if (results.back()) {
      MW_TRY(store(append));
    } else if (!is_refusal(results.back().error().code)) {
      return results.back().error();
    }
  }
  return commit(transaction);
}

Result<> SqliteSampleStore::check(const Append& append) {
  MW_TRY(check_append(append));
  if (!append.advance) return {};
  return producers_.check(*append.advance);
}

Result<> SqliteSampleStore::store(const Append& append) {
  std::map<SeriesId, SampleColumns> by_series;
  append.samples.each_run([&](SeriesId series, auto at_us, auto value) {
    SampleColumns& to = by_series[series];
    to.timestamp_us.insert(to.timestamp_us.end(), at_us.begin(), at_us.end());
    to.value.insert(to.value.end(), value.begin(), value.end());
  });
  for (const auto& [series, samples] : by_series) {
    MW_ASSIGN(const std::size_t loose, writer_.write(series, samples));
    if (loose > 0) joiner_.added(series, loose);
  }
  for (const SeriesWaveform& part : append.waveforms) {
    MW_TRY(writer_.write(part.series, part.block));
  }
  return producers_.store(append, writer_.next_version());
}

Result<> SqliteSampleStore::commit(sqlite::Transaction& transaction) {
  MW_TRY(heads_.store(connection_));
  MW_TRY(transaction.commit());
  heads_.publish();
  return {};
}

Result<> SqliteSampleStore::remove_agent(const DeviceId& agent) {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
  MW_TRY(producers_.remove_agent(agent));
  return transaction.commit();
}

Result<> SqliteSampleStore::remove_series(std::span<const SeriesId> series) {
  const std::lock_guard lock(writing_);
  const auto remove = [&]() -> Result<> {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
    for (const SeriesId id : series) MW_TRY(writer_.remove(id));
    return commit(transaction);
  };
  const Result<> removed = remove();
  if (!removed) {
    heads_.discard();
    return removed.error();
  }
  for (const SeriesId id : series) joiner_.removed(id);
  return {};
}

Result<bool> SqliteSampleStore::maintain() {
  const std::lock_guard lock(writing_);
  const auto step = [&]() -> Result<bool> {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(connection_.database()));
    MW_ASSIGN(const bool more, joiner_.step());
    MW_TRY(commit(transaction));
    return more;
  };
  Result<bool> more = step();
  if (!more) heads_.discard();
  return more;
}

Result<std::vector<std::optional<SampleStore::Latest>>> SqliteSampleStore::latest(
    std::span<const SeriesId> series) {
  std::vector<std::optional<Latest>> out;
  out.reserve(series.size());
  for (const std::optional<Head>& head : heads_.find(series)) {
    out.emplace_back();
    if (head) out.back() = Latest{head->at_us, head->value, head->sample_rate_hz};
  }
  return out;
}

}  // namespace millwright
