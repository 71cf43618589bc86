#pragma once
/// The large half of a tenant in two SQLite files: `samples.db` and `chunks.db`.
///
/// A commit appends its samples to the log in samples.db, together with the producers' watermarks,
/// and is flushed before append() answers. What lies in the log is in memory as well, so it is
/// readable at once; sealing moves it into compressed chunks in chunks.db in the background, on its
/// own connection. Readers see memory and a snapshot of the files; they block nobody.
///
/// Threads: as the port says; writers are serialised by a mutex. Cost: a commit is a disk flush
/// plus about 0.1 us a sample; latest() is answered from memory; questions over many series use all
/// cores.

#include <filesystem>

#include "storage/sample_store.h"
#include "storage/sqlite/background.h"
#include "storage/sqlite/producer_log.h"
#include "storage/sqlite/sample_log.h"
#include "storage/sqlite/samples_files.h"
#include "storage/sqlite/sealer.h"
#include "storage/sqlite/waveform_writer.h"

namespace millwright {

class PieceWalk;

class SqliteSampleStore final : public SampleStore {
 public:
  /// Opens or creates the files in the folder and reads what is not sealed into memory, about 0.1
  /// us a sample. With a background, which must outlive the store, sealing needs no call of
  /// maintain().
  static Result<std::unique_ptr<SqliteSampleStore>> open(const std::filesystem::path& folder,
                                                         Background* background = nullptr);

  Result<> open_session(const StreamKey& stream, std::uint64_t session_token) override;
  Result<std::optional<EpochState>> epoch(const EpochId& epoch) override;
  Result<std::optional<EpochId>> newest_epoch(const StreamKey& stream) override;
  Result<std::vector<DictionaryMapping>> dictionary(const EpochId& epoch) override;
  Result<std::vector<std::string>> refusals(const EpochId& epoch, std::uint64_t from_seq,
                                            std::uint64_t to_seq) override;
  Result<> mark_forked(const EpochId& epoch) override;
  Result<std::vector<DeclaredGap>> gaps() override;
  Result<std::uint64_t> quarantined_count() override;

  std::vector<Result<>> append(std::span<const Append> appends) override;
  Result<> remove_agent(const DeviceId& agent) override;
  Result<> remove_series(std::span<const SeriesId> series) override;
  Result<bool> expire(std::span<const Expiry> expiries) override;
  Result<bool> maintain() override;
  Result<> settle() override;

  Result<SampleColumns> read(SeriesId series, TimeRange range, std::size_t limit) override;
  Result<std::vector<Waveform>> waveforms(SeriesId series, TimeRange range,
                                          std::size_t limit) override;
  Result<std::vector<std::optional<Latest>>> latest(std::span<const SeriesId> series) override;
  using SampleStore::aggregate;
  Result<std::vector<Bucket>> aggregate(std::span<const SeriesId> series,
                                        std::span<const std::int64_t> boundaries_us) override;
  Result<std::uint64_t> count_above(std::span<const SeriesId> series, TimeRange range,
                                    double threshold) override;
  Result<std::uint64_t> count(SeriesId series, TimeRange range) override;
  Result<Expirable> expirable(std::span<const Expiry> expiries) override;

 private:
  SqliteSampleStore(const SamplesFiles& files, sqlite::Database samples,
                    sqlite::Database checkpointer, sqlite::Database chunks);
  Result<> load();

  // With writing_ held.
  Result<> commit_all(std::span<const Append> appends, std::vector<Result<>>& results);
  Result<> check(const Append& append);
  Result<> store(const Append& append);
  Result<> in_transaction(const std::function<Result<>()>& work);
  Result<> make_room();
  Result<> remove_all(std::span<const SeriesId> series);
  Result<bool> expire_waveforms(std::span<const Expiry> expiries);
  Sealer::LogState log_state() const { return {log_.bytes(), log_.middle()}; }
  std::uint64_t trim_through() const;

  /// One step of the background's work; answers whether there is more.
  Result<bool> work();
  Result<> trim(std::size_t rows);
  bool is_settled();

  /// Calls `visit(walk, view, number)` for each series, on snapshots of a few series each.
  template <typename Visit>
  Result<> each_series(std::span<const SeriesId> series, TimeRange range, Visit visit);

  const SamplesFiles files_;
  ReaderPool chunk_readers_;
  ReaderPool sample_readers_;
  SeriesHeads heads_;
  Sealer sealer_;

  std::mutex writing_;  // guards everything from here to advances_ and logged_
  Connection samples_;
  SampleLog log_;
  WaveformWriter waveforms_;
  ProducerLog producers_;
  std::uint64_t advances_ = 0;
  std::vector<std::pair<std::uint64_t, const SampleBatch*>> logged_;  // by the open transaction

  std::mutex checkpointing_;
  sqlite::Database checkpointer_;         // guarded by checkpointing_
  std::unique_ptr<Background::Job> job_;  // last: it ends first
};

}  // namespace millwright
