#pragma once
/// The large half of a tenant in its PostgreSQL database.
///
/// append() is one transaction: the writer's lease, the producers' watermarks, and all samples by
/// one COPY. A sample newer than its series' newest is only copied; others first remove what they
/// replace. Reads are one query each, on a connection of the pool.
///
/// Threads: as the port says; writers are serialised by a mutex. Cost: a commit is about 2 ms plus
/// 2 us a sample.

#include "postgres/pool.h"
#include "storage/postgres/time_layout.h"
#include "storage/postgres/writer_lease.h"
#include "storage/sample_store.h"

namespace millwright {

class PostgresSampleStore final : public SampleStore {
 public:
  /// `target` is the tenant's database; `holder` is how others reach this process. The pool must
  /// outlive the store. Brings the tables up to date.
  static Result<std::unique_ptr<PostgresSampleStore>> open(postgres::Pool& pool, std::string target,
                                                           std::string holder);
  ~PostgresSampleStore() override;

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
  PostgresSampleStore(postgres::Pool& pool, std::string target, std::string holder)
      : pool_(pool), target_(std::move(target)), lease_(std::move(holder)) {}

  /// Runs `work(connection)` as the tenant's writer, in one transaction.
  Result<> write(const std::function<Result<>(postgres::Connection&)>& work);
  Result<> commit_all(postgres::Connection& connection, std::span<const Append> appends,
                      std::vector<Result<>>& results);
  /// The series of `of` that have waveforms.
  Result<std::vector<SeriesId>> with_waveforms(postgres::Connection& connection,
                                               std::span<const SeriesId> of);

  postgres::Pool& pool_;
  const std::string target_;
  pg::TimeLayout layout_;
  std::mutex writing_;
  pg::WriterLease lease_;  // guarded by writing_
};

}  // namespace millwright
