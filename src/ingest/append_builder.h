#pragma once
/// Turns the records of one batch into what the store appends, judging each sample.
///
/// Refused is one sample, never the record: the good ones go on. Threads: the tenant's writer only.

#include "ingest/epoch_cursor.h"
#include "ingest/protocol.h"
#include "ingest/series_samples.h"
#include "ingest/unwrapped_record.h"

namespace millwright::ingest {

class AppendBuilder {
 public:
  struct Surroundings {
    TenantCatalog& catalog;
    KnownDevices& devices;
    EpochCursors& cursors;
    TouchedMetrics& touched;
    std::int64_t latest_us = 0;  ///< samples after it are quarantined
  };
  struct Findings {
    std::vector<RecordRefusals> refusals;
    std::vector<Quarantined> quarantined;  ///< records that could not be read; without an epoch
    std::uint64_t samples = 0;             ///< taken
    std::uint64_t samples_quarantined = 0;
  };

  AppendBuilder(const Surroundings& around, const StreamKey& stream, EpochCursor& cursor,
                Append& out);

  /// Errors: the store's or the catalog's own, when they cannot be read; the append is then void.
  Result<> add(std::uint64_t seq, UnwrappedRecord record);
  /// Once, after the last record.
  Findings finish();

 private:
  Result<bool> is_covered(const std::vector<Hop>& hops);
  Result<> mark_moved(const std::vector<Hop>& hops);
  Result<> take(std::uint64_t seq, record::DictionaryEntry& entry);
  Result<> take(std::uint64_t seq, record::Scalars& column);
  Result<> take(std::uint64_t seq, record::WaveformRecord& waveform);
  Result<> take(std::uint64_t seq, record::UnsupportedValue& value);
  Result<> take(std::uint64_t, record::MovedRecord&) { return {}; }  // unwrapped before

  Result<Reference> resolve(const record::DictionaryEntry& entry);
  Result<Reference> resolve_checked(const record::DictionaryEntry& entry, const MetricKey& key,
                                    MetricType type);
  /// Never null: what a reference means, or why it means nothing.
  Result<const Reference*> reference(std::uint32_t number, MetricType type);
  void define(std::uint32_t number, Reference reference);
  void refuse(std::uint64_t seq, std::uint32_t index, const std::string& code,
              const std::string& message);
  void quarantine(std::uint64_t seq, const std::string& reason, std::string bytes);

  const Surroundings& around_;
  const StreamKey& stream_;
  EpochCursor& cursor_;
  EpochCursor* original_ = nullptr;  // of the moved record at hand: a second dictionary
  Append& out_;
  AppendColumns columns_;
  Findings findings_;
  std::string_view bytes_;         // of the record at hand
  std::vector<std::string> told_;  // reasons told already for the record at hand
};

}  // namespace millwright::ingest
