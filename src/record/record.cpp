#include "record/record.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>
#include <sodium.h>

#include <cmath>

#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::record {
namespace {

namespace wire = millwright::ingest::v1;

// Differences wrap around instead of overflowing: any pair of times has one, and the sum restores
// it exactly.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void write(const DictionaryEntry& entry, wire::Record& out) {
  auto& to = *out.mutable_dictionary();
  to.set_reference(entry.reference);
  to.set_device_identifier(entry.device_identifier);
  to.set_path(entry.path);
  to.set_metric_identifier(entry.metric_identifier);
  to.set_unit(entry.unit);
  to.set_display_name(entry.display_name);
  to.set_type(static_cast<wire::MetricType>(entry.type));
}

void write(const Scalars& scalars, wire::Record& out) {
  MW_CHECK(scalars.value.size() == scalars.timestamp_us.size());
  MW_CHECK(scalars.metric_reference.size() == 1 ||
           scalars.metric_reference.size() == scalars.value.size());
  auto& to = *out.mutable_scalars();
  auto& deltas = *to.mutable_timestamp_delta_us();
  deltas.Reserve(static_cast<int>(scalars.timestamp_us.size()));
  std::int64_t previous = 0;
  for (const std::int64_t at : scalars.timestamp_us) {
    deltas.AddAlreadyReserved(wrapping_subtract(at, previous));
    previous = at;
  }
  to.mutable_metric_reference()->Add(scalars.metric_reference.begin(),
                                     scalars.metric_reference.end());
  to.mutable_value()->Add(scalars.value.begin(), scalars.value.end());
}

void write(const WaveformRecord& waveform, wire::Record& out) {
  auto& to = *out.mutable_waveform();
  to.set_metric_reference(waveform.metric_reference);
  to.set_start_us(waveform.block.start_us);
  to.set_sample_rate_hz(waveform.block.sample_rate_hz);
  to.mutable_value()->Add(waveform.block.value.begin(), waveform.block.value.end());
}

void write(const UnsupportedValue& value, wire::Record&) { MW_CHECK(value.kind.empty()); }

void write(const MovedRecord& moved, wire::Record& out) {
  auto& to = *out.mutable_moved();
  to.set_epoch(moved.epoch.data(), moved.epoch.size());
  to.set_seq(moved.seq);
  to.set_record(moved.record);
  to.set_forked(moved.forked);
}

Result<Payload> read(const wire::DictionaryEntry& from) {
  return Payload(DictionaryEntry{from.reference(), from.device_identifier(), from.path(),
                                 from.metric_identifier(), from.unit(), from.display_name(),
                                 static_cast<int>(from.type())});
}

Result<Payload> read(const wire::ScalarColumn& from) {
  const int count = from.value_size();
  if (count == 0) return invalid_argument("the record's scalar column holds no sample");
  if (count > static_cast<int>(kMaxSamplesPerRecord)) {
    return invalid_argument("the record holds " + std::to_string(count) +
                            " samples; at most 4096 are allowed, split it");
  }
  if (from.timestamp_delta_us_size() != count) {
    return invalid_argument("the record's columns differ: " + std::to_string(count) + " values, " +
                            std::to_string(from.timestamp_delta_us_size()) + " timestamps");
  }
  if (from.metric_reference_size() != 1 && from.metric_reference_size() != count) {
    return invalid_argument("the record's columns differ: " + std::to_string(count) + " values, " +
                            std::to_string(from.metric_reference_size()) + " metric references");
  }
  Scalars scalars;
  scalars.timestamp_us.reserve(static_cast<std::size_t>(count));
  std::int64_t at = 0;
  for (const std::int64_t delta : from.timestamp_delta_us()) {
    at = wrapping_add(at, delta);
    scalars.timestamp_us.push_back(at);
  }
  scalars.metric_reference.assign(from.metric_reference().begin(), from.metric_reference().end());
  scalars.value.assign(from.value().begin(), from.value().end());
  return Payload(std::move(scalars));
}

Result<Payload> read(const wire::WaveformBlock& from) {
  if (from.value_size() == 0) return invalid_argument("the record's waveform holds no sample");
  if (from.value_size() > static_cast<int>(kMaxWaveformLength)) {
    return invalid_argument("the record's waveform holds " + std::to_string(from.value_size()) +
                            " samples; at most 65536 are allowed, split it");
  }
  if (!std::isfinite(from.sample_rate_hz()) || from.sample_rate_hz() <= 0) {
    return invalid_argument("the waveform's sample_rate_hz must be positive and finite");
  }
  WaveformRecord waveform;
  waveform.metric_reference = from.metric_reference();
  waveform.block.start_us = from.start_us();
  waveform.block.sample_rate_hz = from.sample_rate_hz();
  waveform.block.value.assign(from.value().begin(), from.value().end());
  return Payload(std::move(waveform));
}

Result<Payload> read(const wire::Moved& from) {
  MovedRecord moved;
  if (from.epoch().size() != moved.epoch.size()) {
    return invalid_argument("the moved record's epoch has " + std::to_string(from.epoch().size()) +
                            " bytes instead of 16");
  }
  if (from.seq() == 0 || from.record().empty()) {
    return invalid_argument("the moved record has no sequence number or no content");
  }
  std::copy(from.epoch().begin(), from.epoch().end(), reinterpret_cast<char*>(moved.epoch.data()));
  moved.seq = from.seq();
  moved.record = from.record();
  moved.forked = from.forked();
  return Payload(std::move(moved));
}

Result<Payload> read_payload(const wire::Record& from) {
  switch (from.kind_case()) {
    case wire::Record::kDictionary:
      return read(from.dictionary());
    case wire::Record::kScalars:
      return read(from.scalars());
    case wire::Record::kWaveform:
      return read(from.waveform());
    case wire::Record::kArray:
      return Payload(UnsupportedValue{"array", from.array().metric_reference()});
    case wire::Record::kText:
      return Payload(UnsupportedValue{"text", from.text().metric_reference()});
    case wire::Record::kBinary:
      return Payload(UnsupportedValue{"binary", from.binary().metric_reference()});
    case wire::Record::kEvent:
      return Payload(UnsupportedValue{"event", from.event().metric_reference()});
    case wire::Record::kMoved:
      return read(from.moved());
    case wire::Record::KIND_NOT_SET:
      break;
  }
  return invalid_argument("the record carries no kind of value that this version knows");
}

// Room for a full record of scalars, so that decoding it asks the heap for nothing else.
constexpr std::size_t kArenaBytes = 128 * 1024;

}  // namespace

std::string encode(const Record& record) {
  wire::Record out;
  out.set_created_us(record.created_us);
  std::visit([&](const auto& payload) { write(payload, out); }, record.payload);
  MW_CHECK(out.kind_case() != wire::Record::KIND_NOT_SET);
  std::string bytes;
  MW_CHECK(out.SerializeToString(&bytes));
  return bytes;
}

Result<Record> decode(std::string_view bytes) {
  if (bytes.size() > kMaxMessageBytes) {
    return invalid_argument("the record has " + std::to_string(bytes.size()) +
                            " bytes; at most 4 MiB are allowed");
  }
  // The library would write a line to standard error for each text that is not UTF-8: whoever sends
  // us bytes could flood the log. The caller gets the error and counts it.
  [[maybe_unused]] static auto* const kSilenced = google::protobuf::SetLogHandler(nullptr);
  thread_local std::vector<char> first_block(kArenaBytes);
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block.data();
  options.initial_block_size = first_block.size();
  google::protobuf::Arena arena(options);
  auto* message = google::protobuf::Arena::CreateMessage<wire::Record>(&arena);
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return invalid_argument("the record's bytes are not a record of this protocol");
  }
  MW_ASSIGN(Payload payload, read_payload(*message));
  return Record{message->created_us(), std::move(payload)};
}

std::uint64_t next_chain(std::uint64_t previous, std::string_view record_bytes) {
  std::array<std::uint8_t, 8> before{};
  for (int i = 0; i < 8; ++i) before[i] = static_cast<std::uint8_t>(previous >> (8 * i));
  // libsodium's public names refuse digests under 16 bytes only as a recommendation; BLAKE2b's
  // digest length is a parameter of the hash itself, so 8 bytes are not a cut longer digest.
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, nullptr, 0, 8);
  crypto_generichash_blake2b_update(&state, before.data(), before.size());
  crypto_generichash_blake2b_update(
      &state, reinterpret_cast<const unsigned char*>(record_bytes.data()), record_bytes.size());
  std::array<std::uint8_t, 8> digest{};
  crypto_generichash_blake2b_final(&state, digest.data(), digest.size());
  std::uint64_t chain = 0;
  for (int i = 0; i < 8; ++i) chain |= static_cast<std::uint64_t>(digest[i]) << (8 * i);
  return chain;
}

}  // namespace millwright::record
