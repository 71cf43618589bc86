#include "storage/sqlite/sqlite_sample_store.h"

#include <malloc.h>

#include "base/log.h"
#include "storage/sqlite/chunk_upgrade.h"

namespace millwright {
namespace {

constexpr std::size_t kRowsACommit = 4;    // of the log that a commit removes for each that it adds
constexpr std::size_t kRowsAStep = 1'024;  // … and that housekeeping removes at once
/// The write-ahead log is copied by the background from here on,
constexpr std::uintmax_t kCheckpointBytes = 16U << 20;
/// and by a commit from here on, so that it can begin anew.
constexpr std::uintmax_t kMostWalBytes = 128U << 20;
/// A commit seals by itself while the log is longer, or more lies in memory: the background cannot
/// keep up.
constexpr std::uint64_t kMostLogBytes = 192U << 20;
constexpr std::uint64_t kMostUnsealedBytes = 96U << 20;

/// The append does not fit; anything else is a failure of the medium.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kAborted ||
         code == ErrorCode::kOutOfRange || code == ErrorCode::kFailedPrecondition;
}

std::uintmax_t wal_bytes(const std::filesystem::path& file) {
  std::error_code none;
  const std::uintmax_t bytes = std::filesystem::file_size(file.string() + "-wal", none);
  return none ? 0 : bytes;
}

}  // namespace

Result<std::unique_ptr<SqliteSampleStore>> SqliteSampleStore::open(
    const std::filesystem::path& folder, Background* background) {
  const SamplesFiles files = SamplesFiles::in(folder);
  MW_ASSIGN(sqlite::Database samples, open_samples(files.samples));
  MW_ASSIGN(sqlite::Database checkpointer, open_samples(files.samples));
  MW_ASSIGN(sqlite::Database chunks, open_chunks(files.chunks));
  MW_TRY(move_chunks(samples, chunks));
  std::unique_ptr<SqliteSampleStore> store(
      new SqliteSampleStore(files, std::move(samples), std::move(checkpointer), std::move(chunks)));
  MW_TRY(store->load());
  if (background != nullptr) {
    store->job_ = background->add([raw = store.get()] {
      const Result<bool> more = raw->work();
      if (!more) {
        log::error("samples could not be sealed; they stay in the log",
                   {{"error", more.error().message}, {"detail", more.error().detail}});
      }
      return more.value_or(false);
    });
    store->job_->wake();
  }
  return store;
}

SqliteSampleStore::SqliteSampleStore(const SamplesFiles& files, sqlite::Database samples,
                                     sqlite::Database checkpointer, sqlite::Database chunks)
    : files_(files),
      chunk_readers_(files.chunks, 4'096),
      sample_readers_(files.samples, 1'024),
      sealer_(std::move(chunks), heads_),
      samples_(std::move(samples)),
      log_(samples_),
      waveforms_(samples_),
      producers_(samples_),
      checkpointer_(std::move(checkpointer)) {}

Result<> SqliteSampleStore::load() {
  const std::lock_guard lock(writing_);
  MW_ASSIGN(const std::uint64_t sealed_log, sealer_.load());
  MW_TRY(waveforms_.load(heads_));
  MW_TRY(log_.load());
  log_.use_ids_after(sealed_log);
  MW_TRY(log_.replay([&](std::uint64_t id, const SampleBatch& batch) {
    heads_.apply(id, batch);
    sealer_.compress_all();
  }));
  MW_ASSIGN(const std::optional<std::int64_t> advances,
            samples_.integer("SELECT max(advanced) FROM epochs"));
  advances_ = static_cast<std::uint64_t>(advances.value_or(0));
  return {};
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

Result<> SqliteSampleStore::in_transaction(const std::function<Result<>()>& work) {
  const auto run = [&]() -> Result<> {
    MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(samples_.database()));
    MW_TRY(work());
    return transaction.commit();
  };
  Result<> done = run();
  if (!done) {
    log_.discard();
    waveforms_.discard();
  } else {
    const auto lock = heads_.lock();
    log_.publish();
    for (const auto& [id, batch] : logged_) heads_.apply(id, *batch);
    waveforms_.publish(heads_);
  }
  logged_.clear();
  return done;
}

std::vector<Result<>> SqliteSampleStore::append(std::span<const Append> appends) {
  std::vector<Result<>> results;
  results.reserve(appends.size());
  const std::lock_guard lock(writing_);
  auto committed = make_room();
  if (committed) committed = in_transaction([&] { return commit_all(appends, results); });
  if (!committed) results.assign(appends.size(), committed.error());
  if (job_ && (heads_.has_work() || wal_bytes(files_.samples) > kCheckpointBytes)) job_->wake();
  return results;
}

/// Before a commit: what the background did not get done in time.
Result<> SqliteSampleStore::make_room() {
  if (wal_bytes(files_.samples) > kMostWalBytes) MW_TRY(checkpoint(samples_.database()));
  while (log_.bytes() > kMostLogBytes || heads_.unsealed_bytes() > kMostUnsealedBytes) {
    MW_ASSIGN(const bool more, sealer_.step(log_state()));
    MW_TRY(in_transaction([&] { return log_.trim(trim_through(), kRowsAStep); }));
    if (!more) break;
  }
  return {};
}

Result<> SqliteSampleStore::commit_all(std::span<const Append> appends,
                                       std::vector<Result<>>& results) {
  for (const Append& append : appends) {
    // An append is judged before anything of it is written, and after those before it are.
    results.push_back(check(append));
    if (results.back()) {
      MW_TRY(store(append));
    } else if (!is_refusal(results.back().error().code)) {
      return results.back().error();
    }
  }
  return log_.trim(trim_through(), kRowsACommit * logged_.size());
}

Result<> SqliteSampleStore::check(const Append& append) {
  MW_TRY(check_append(append));
  if (!append.advance) return {};
  return producers_.check(*append.advance);
}

Result<> SqliteSampleStore::store(const Append& append) {
  if (!append.samples.empty()) {
    MW_ASSIGN(const std::uint64_t id, log_.add(append.samples));
    logged_.emplace_back(id, &append.samples);
  }
  for (const SeriesWaveform& part : append.waveforms) {
    MW_TRY(waveforms_.write(part.series, part.block));
  }
  return producers_.store(append, ++advances_);
}

Result<> SqliteSampleStore::remove_agent(const DeviceId& agent) {
  const std::lock_guard lock(writing_);
  return in_transaction([&] { return producers_.remove_agent(agent); });
}

Result<> SqliteSampleStore::remove_series(std::span<const SeriesId> series) {
  const std::lock_guard lock(writing_);
  return remove_all(series);
}

Result<> SqliteSampleStore::remove_all(std::span<const SeriesId> series) {
  {
    const auto lock = heads_.lock();
    for (const SeriesId id : series) heads_.remove(id, log_.last_id());
  }
  MW_TRY(sealer_.remove(series, log_.last_id()));
  return in_transaction([&]() -> Result<> {
    for (const SeriesId id : series) MW_TRY(waveforms_.remove_all(id));
    return {};
  });
}

// Housekeeping ------------------------------------------------------------------------------------

/// Everything in the log up to here lies in chunks.
std::uint64_t SqliteSampleStore::trim_through() const {
  const std::optional<std::uint64_t> oldest = heads_.oldest_log();
  return oldest ? *oldest - 1 : log_.last_id();
}

Result<bool> SqliteSampleStore::work() {
  Sealer::LogState log;
  {
    const std::lock_guard lock(writing_);
    log = log_state();
  }
  MW_ASSIGN(const bool more, sealer_.step(log));
  if (wal_bytes(files_.samples) > kCheckpointBytes) {
    const std::lock_guard lock(checkpointing_);
    MW_TRY(checkpoint(checkpointer_));
  }
  return more;
}

Result<> SqliteSampleStore::trim(std::size_t rows) {
  const std::lock_guard lock(writing_);
  if (log_.first_id() > trim_through()) return {};
  return in_transaction([&] { return log_.trim(trim_through(), rows); });
}

bool SqliteSampleStore::is_settled() {
  const std::lock_guard lock(writing_);
  return log_.empty() && !heads_.oldest_log() && !sealer_.has_loose();
}

Result<bool> SqliteSampleStore::maintain() {
  MW_ASSIGN(const bool more, work());
  MW_TRY(trim(kRowsAStep));
  return more;
}

Result<> SqliteSampleStore::settle() {
  if (is_settled()) return {};
  MW_TRY(sealer_.settle());
  MW_TRY(trim(~std::size_t{0}));
  const std::lock_guard lock(writing_);
  MW_TRY(shrink(samples_.database()));
  ::malloc_trim(0);  // thousands of small blocks were freed: give their pages back to the system
  return {};
}

}  // namespace millwright
