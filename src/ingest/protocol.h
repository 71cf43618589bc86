#pragma once
/// What an edge agent and the hub tell each other, as values. docs/ingest-protocol.md tells the
/// rules; the wire form of the same is proto/millwright/ingest/v1/ingest.proto.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "storage/sample_store.h"

namespace millwright::ingest {

// From the agent ----------------------------------------------------------------------------------

struct ChainPoint {
  std::uint64_t seq = 0;
  std::uint64_t chain = 0;
};

/// An epoch that the agent still holds.
struct EpochOffer {
  StreamClass stream_class = StreamClass::kTelemetry;
  EpochId epoch{};
  std::uint64_t first_seq = 0;
  std::uint64_t next_seq = 0;
  std::uint64_t acknowledged = 0;
  std::vector<ChainPoint> chain_at;
  std::optional<EpochId> previous_epoch;
};

struct Hello {
  std::vector<EpochOffer> epochs;
};

/// Records base_seq, base_seq + 1, ... of one epoch, each the journal's own bytes.
struct RecordBatch {
  StreamClass stream_class = StreamClass::kTelemetry;
  EpochId epoch{};
  std::uint64_t base_seq = 0;
  std::vector<std::string> records;
  std::uint64_t chain_end = 0;
  std::uint32_t crc32c = 0;
};

/// Records from_seq..to_seq will never be sent.
struct GapNotice {
  StreamClass stream_class = StreamClass::kTelemetry;
  EpochId epoch{};
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::string reason;
  std::uint64_t sample_count = 0;  ///< 0 when unknown
  std::uint64_t chain_end = 0;
  std::optional<EpochId> about_epoch;
};

// From the hub ------------------------------------------------------------------------------------

struct SampleRefusal {
  std::uint32_t index = 0;  ///< in its record; 0 for a whole block or record
  std::string code;
  std::string message;
};

struct RecordRefusals {
  std::uint64_t seq = 0;
  std::vector<SampleRefusal> samples;
};

struct WelcomeEpoch {
  EpochId epoch{};
  bool known = false;
  EpochState state;
};

struct Welcome {
  std::uint64_t session_token = 0;
  Timestamp server_time{};
  std::vector<WelcomeEpoch> epochs;  ///< one for each offer, in its order
  std::uint64_t credit_bytes = 0;
};

struct Ack {
  EpochId epoch{};
  std::uint64_t watermark = 0;
  std::vector<RecordRefusals> refusals;
};

struct Nack {
  EpochId epoch{};
  std::uint64_t expected = 0;
  std::string reason;
};

struct Quarantined {
  EpochId epoch{};
  std::uint64_t seq = 0;
  std::string reason;
};

/// The session is over; nothing follows.
struct Closed {
  Error error;
};

using Reply = std::variant<Welcome, Ack, Nack, Quarantined, Closed>;

// Producers of the old contract -------------------------------------------------------------------

/// A sample as such a producer wrote it; nothing is checked yet.
struct UnnumberedSample {
  std::string device_identifier;
  std::string metric_identifier;
  std::string path;
  double value = 0;
  std::string unit;
  std::string display_name;
  std::optional<std::int64_t> timestamp_us;  ///< missing where the wire's time is none
};

/// The first sample that was refused; those before it are stored, it and those after it are not.
struct FirstRefusal {
  std::size_t index = 0;
  Error error;
};

}  // namespace millwright::ingest
