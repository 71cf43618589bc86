#pragma once
/// The large half of a tenant in memory, for tests.
///
/// Threads: any; one mutex. A question costs the samples of its series.

#include <map>
#include <mutex>

#include "storage/sample_store.h"

namespace millwright {

class MemorySampleStore final : public SampleStore {
 public:
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
  Result<> settle() override { return {}; }

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
  struct Sample {
    double value = 0;
    std::uint64_t version = 0;
  };
  struct Block {
    Waveform waveform;
    std::uint64_t version = 0;
  };
  struct Series {
    std::map<std::int64_t, Sample> samples;
    std::map<std::int64_t, Block> blocks;
  };
  struct LedgerRow {
    LedgerEntry entry;
    std::string refusals;
  };
  struct Epoch {
    std::optional<StreamKey> stream;
    EpochState state;
    std::vector<LedgerRow> ledger;
    std::map<std::uint32_t, SeriesId> dictionary;
    std::uint64_t advanced = 0;  // version of its newest advance; 0 when it has none
  };

  /// Where a removal of what is before `before_us` ends.
  static std::int64_t cut_of(const Series& series, std::int64_t before_us);
  Result<> check(const Append& append) const;
  void store(const Append& append);
  void advance(const EpochAdvance& advance, const Append& append);
  SampleColumns merged(SeriesId series, TimeRange range) const;

  std::mutex mutex_;  // guards everything below
  std::uint64_t version_ = 0;
  std::map<SeriesId, Series> series_;
  std::map<StreamKey, std::uint64_t> sessions_;
  std::map<EpochId, Epoch> epochs_;
  std::vector<DeclaredGap> gaps_;
  std::vector<QuarantinedItem> quarantine_;
};

}  // namespace millwright
