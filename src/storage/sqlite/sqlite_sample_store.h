#pragma once
/// The large half of a tenant in one SQLite file: `samples.db`.
///
/// Samples are stored as compressed chunks; each commit writes small ones, and maintain() joins
/// them. Readers have connections of their own and see the state of one commit; they never block
/// the writer. Durable: synchronous=FULL, a commit is flushed before append() answers.
///
/// Threads: as the port says; writers are serialised by a mutex. Cost: a commit is a disk flush
/// plus about 0.3 us a sample; latest() is answered from memory; an aggregate over full chunks
/// costs about 1 us a chunk.

#include <filesystem>

#include "storage/sample_store.h"
#include "storage/sqlite/chunk_joiner.h"
#include "storage/sqlite/producer_log.h"

namespace millwright {

class SqliteSampleStore final : public SampleStore {
 public:
  /// Opens or creates the file and brings its tables up to date.
  static Result<std::unique_ptr<SqliteSampleStore>> open(const std::filesystem::path& file);

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
  Result<> aggregate(SeriesId series, std::span<const std::int64_t> boundaries_us,
                     std::span<Bucket> out);
  SqliteSampleStore(std::filesystem::path file, sqlite::Database database);
  Result<> load();
  Result<> commit_all(std::span<const Append> appends, std::vector<Result<>>& results);
  Result<> check(const Append& append);
  Result<> store(const Append& append);
  Result<> commit(sqlite::Transaction& transaction);

  ReaderPool readers_;
  std::mutex writing_;  // guards everything below, except Heads::find
  Connection connection_;
  Heads heads_;
  PieceWriter writer_;
  ChunkJoiner joiner_;
  ProducerLog producers_;
};

}  // namespace millwright
