#pragma once
/// A journal record as a value, its bytes, its chain hash and its CRC.
///
/// chain(n) = BLAKE2b-64(chain(n-1) as 8 bytes little-endian || record bytes), chain(0) = 0.
/// Pure: safe from any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/crc32c.h"
#include "base/result.h"
#include "model/metric.h"
#include "model/samples.h"

namespace millwright::record {

inline constexpr std::size_t kMaxSamplesPerRecord = 4'096;
inline constexpr std::size_t kMaxWaveformLength = 65'536;
inline constexpr std::size_t kMaxSamplesPerMessage = 65'536;
inline constexpr std::size_t kMaxMessageBytes = 4 * 1024 * 1024;

/// Identifiers are as the producer wrote them: the reader checks them, so that one bad entry is
/// refused and not the whole record.
struct DictionaryEntry {
  std::uint32_t reference = 0;
  std::string device_identifier;
  std::string path;
  std::string metric_identifier;
  std::string unit;
  std::string display_name;
  int type = 1;  ///< number of MetricType
};

/// Columns of equal length, except that a single reference serves for all.
struct Scalars {
  std::vector<std::int64_t> timestamp_us;
  std::vector<std::uint32_t> metric_reference;
  std::vector<double> value;
  std::uint32_t reference_at(std::size_t i) const {
    return metric_reference.size() == 1 ? metric_reference[0] : metric_reference[i];
  }
};

struct WaveformRecord {
  std::uint32_t metric_reference = 0;
  Waveform block;
};

/// Array, text, binary, event: kinds that the wire knows and the hub does not store yet.
struct UnsupportedValue {
  std::string kind;
  std::uint32_t metric_reference = 0;
};

struct MovedRecord {
  std::array<std::uint8_t, 16> epoch{};
  std::uint64_t seq = 0;
  std::string record;
  bool forked = false;
};

using Payload =
    std::variant<DictionaryEntry, Scalars, WaveformRecord, UnsupportedValue, MovedRecord>;

/// `created_us` is the producer's wall clock, UTC.
struct Record {
  std::int64_t created_us = 0;
  Payload payload;
};

/// The bytes that the journal keeps. UnsupportedValue cannot be written (MW_CHECK).
std::string encode(const Record& record);

/// Errors: kInvalidArgument where the bytes are no record: malformed, columns of unequal length,
/// more samples than the limit, a waveform with a rate that is not positive and finite. Values and
/// times inside are not judged here.
Result<Record> decode(std::string_view bytes);

std::uint64_t next_chain(std::uint64_t previous, std::string_view record_bytes);

/// The checksum of records, continued from part to part.
using millwright::crc32c;

}  // namespace millwright::record
