#pragma once
/// An edge agent's journal in memory, for tests and benchmarks: numbers and chains records as the
/// protocol wants it.

#include <algorithm>
#include <string>
#include <vector>

#include "ingest/protocol.h"
#include "record/record.h"

namespace millwright::ingest::testing {

inline EpochId epoch_named(std::uint8_t name) {
  EpochId id{};
  id.fill(name);
  return id;
}

class SimulatedAgent {
 public:
  explicit SimulatedAgent(EpochId epoch, StreamClass stream_class = StreamClass::kTelemetry)
      : epoch_(epoch), class_(stream_class), chains_{0} {}

  const EpochId& epoch() const { return epoch_; }
  std::uint64_t next_seq() const { return records_.size() + 1; }
  std::uint64_t chain_at(std::uint64_t seq) const { return chains_.at(seq); }
  const std::string& bytes(std::uint64_t seq) const { return records_.at(seq - 1); }

  /// Answers the record's number.
  std::uint64_t write(std::string bytes) {
    chains_.push_back(record::next_chain(chains_.back(), bytes));
    records_.push_back(std::move(bytes));
    return records_.size();
  }
  std::uint64_t write(record::Payload payload) {
    return write(record::encode(record::Record{0, std::move(payload)}));
  }
  std::uint64_t define(std::uint32_t reference, std::string metric, std::string device = "000001",
                       int type = 1, std::string unit = "°C") {
    return write(record::DictionaryEntry{reference, std::move(device), "line.motor",
                                         std::move(metric), std::move(unit), "", type});
  }
  std::uint64_t scalars(std::uint32_t reference, std::vector<std::int64_t> timestamp_us,
                        std::vector<double> value) {
    return write(record::Scalars{std::move(timestamp_us), {reference}, std::move(value)});
  }

  /// Records from..to of the journal as one message.
  RecordBatch batch(std::uint64_t from, std::uint64_t to) const {
    RecordBatch out{class_, epoch_, from, {}, chains_.at(to), 0};
    for (std::uint64_t seq = from; seq <= to; ++seq) {
      out.records.push_back(bytes(seq));
      out.crc32c = record::crc32c(out.crc32c, bytes(seq));
    }
    return out;
  }
  RecordBatch all() const { return batch(1, records_.size()); }

  GapNotice gap(std::uint64_t from, std::uint64_t to, std::string reason = "journal_full") const {
    const std::uint64_t last = std::min<std::uint64_t>(to, records_.size());
    return GapNotice{class_, epoch_, from, to, std::move(reason), 0, chains_.at(last), {}};
  }

  EpochOffer offer(std::optional<EpochId> previous = std::nullopt) const {
    return EpochOffer{class_, epoch_, 1, next_seq(), 0, {}, previous};
  }

  /// The record as it travels after a move to another epoch.
  record::MovedRecord moved(std::uint64_t seq, bool forked = false) const {
    return record::MovedRecord{epoch_, seq, bytes(seq), forked};
  }

 private:
  EpochId epoch_;
  StreamClass class_;
  std::vector<std::uint64_t> chains_;  // chains_[n] is the hash after record n
  std::vector<std::string> records_;
};

}  // namespace millwright::ingest::testing
