#pragma once
/// Writes waveforms as blocks into samples.db, inside the caller's transaction.
///
/// Threads: the one writer.

#include "storage/sample_store.h"
#include "storage/sqlite/pieces.h"
#include "storage/sqlite/series_heads.h"

namespace millwright {

class WaveformWriter {
 public:
  /// The connection must outlive the writer.
  explicit WaveformWriter(Connection& samples) : samples_(samples) {}

  /// Reads what is stored, and tells the newest samples.
  Result<> load(SeriesHeads& heads);

  /// Stores a new block; one of the same start is replaced.
  Result<> write(SeriesId series, const Waveform& block);
  Result<> remove(SeriesId series, const Piece& block);
  Result<> remove_all(SeriesId series);
  /// To be called once after blocks of a series were removed: finds its newest sample again.
  Result<> find_newest(SeriesId series);

  /// After the commit, with the lock of `heads`; and after a rollback.
  void publish(SeriesHeads& heads);
  void discard() { changed_.clear(); }

 private:
  struct Series {
    Newest newest;
    std::int64_t span_us = 0;  // of the longest block ever
  };
  Series series_of(SeriesId series) const;
  Result<> change(SeriesId series, const Series& changed);

  Connection& samples_;
  std::uint64_t version_ = 0;
  std::unordered_map<SeriesId, Series> series_;   // committed
  std::unordered_map<SeriesId, Series> changed_;  // by the open transaction
};

}  // namespace millwright
