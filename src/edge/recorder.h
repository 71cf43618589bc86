#pragma once
/// Turns readings into records and makes them durable in groups.
///
/// What add() takes is confirmed only when a flush has succeeded. While the journal refuses,
/// readings wait in memory up to a bound; beyond it the oldest are lost, counted and logged. Not
/// thread-safe.

#include <deque>
#include <functional>

#include "connectors/connector.h"
#include "edge/metric_dictionary.h"
#include "journal/journal.h"
#include "record/record.h"

namespace millwright::edge {

struct RecorderOptions {
  Microseconds flush_interval = std::chrono::milliseconds(50);
  std::size_t flush_bytes = 256 * 1024;
  std::size_t most_pending_bytes = 4 << 20;
  Microseconds retry_interval = std::chrono::seconds(1);  ///< after the journal has refused
};

class Recorder {
 public:
  Recorder(journal::Journal& journal, const Clock& clock, std::string device,
           RecorderOptions options = {});
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void add(const MetricDescription& metric, std::variant<SampleColumns, Waveform> values);

  /// When the next flush is due; time_point::max() when nothing is pending.
  std::chrono::steady_clock::time_point due() const;
  /// Flushes when it is due. Errors: kDataLoss when the journal is broken: the process must end.
  /// Other failures are logged and tried again.
  Result<> flush_if_due();
  Result<> flush();

  void declare_metrics_again() { dictionary_.declare_again(); }
  std::uint64_t samples() const { return samples_; }
  std::uint64_t lost_records() const { return lost_records_; }

 private:
  void add_scalars(const MetricDescription& metric, const SampleColumns& samples);
  void add_waveform(const MetricDescription& metric, Waveform block);
  void close_column();
  void push(std::string bytes);
  void note_pending(std::size_t bytes);

  journal::Journal& journal_;
  const Clock& clock_;
  RecorderOptions options_;
  MetricDictionary dictionary_;
  record::Scalars column_;           // the record that scalars gather in
  std::vector<std::string> closed_;  // records that wait for the journal
  std::size_t pending_bytes_ = 0;    // of closed_, and about those of column_
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max();
  std::uint64_t samples_ = 0;
  std::uint64_t lost_records_ = 0;
  bool is_refused_ = false;  // the last flush failed; said once
};

}  // namespace millwright::edge
