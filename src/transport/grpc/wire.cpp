#include "transport/grpc/wire.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <chrono>

namespace millwright::wire {
namespace {

namespace v1 = millwright::ingest::v1;

std::string bytes_of(const EpochId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

Result<EpochId> read_epoch(std::string_view field, const std::string& bytes) {
  EpochId id{};
  if (bytes.size() != id.size()) {
    return invalid_argument(std::string(field) + " has " + std::to_string(bytes.size()) +
                            " bytes; an epoch is 16 random bytes");
  }
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(id.data()));
  return id;
}

Result<StreamClass> read_class(v1::StreamClass from) {
  switch (from) {
    case v1::STREAM_CLASS_ALARM:
      return StreamClass::kAlarm;
    case v1::STREAM_CLASS_TELEMETRY:
      return StreamClass::kTelemetry;
    case v1::STREAM_CLASS_BULK:
      return StreamClass::kBulk;
    default:
      return invalid_argument("stream_class " + std::to_string(static_cast<int>(from)) +
                              " is not known; send 1 (alarm), 2 (telemetry) or 3 (bulk)");
  }
}

Result<ingest::EpochOffer> read_offer(const v1::EpochOffer& from) {
  MW_ASSIGN(const StreamClass stream_class, read_class(from.stream_class()));
  MW_ASSIGN(const EpochId epoch, read_epoch("epochs.epoch", from.epoch()));
  if (from.next_seq() == 0) {
    return invalid_argument("epochs.next_seq is 0; records are numbered from 1");
  }
  if (from.first_seq() > from.next_seq()) {
    return invalid_argument("epochs.first_seq " + std::to_string(from.first_seq()) +
                            " is above next_seq " + std::to_string(from.next_seq()) +
                            "; the oldest record that is held cannot come after the next one");
  }
  if (from.chain_at_size() > kMostChainPoints) {
    return invalid_argument("epochs.chain_at has " + std::to_string(from.chain_at_size()) +
                            " points; at most 1024 are allowed");
  }
  ingest::EpochOffer offer{stream_class,        epoch, from.first_seq(), from.next_seq(),
                           from.acknowledged(), {},    std::nullopt};
  for (const auto& point : from.chain_at()) offer.chain_at.push_back({point.seq(), point.chain()});
  if (!from.previous_epoch().empty()) {
    MW_ASSIGN(offer.previous_epoch, read_epoch("epochs.previous_epoch", from.previous_epoch()));
  }
  return offer;
}

void write_to(v1::ServerMessage& out, const ingest::Welcome& from) {
  auto& to = *out.mutable_welcome();
  to.set_proto_version(kProtoVersion);
  to.set_session_token(from.session_token);
  to.set_server_time_us(to_us(from.server_time));
  to.set_credit_bytes(from.credit_bytes);
  for (const ingest::WelcomeEpoch& epoch : from.epochs) {
    auto& state = *to.add_epochs();
    state.set_epoch(bytes_of(epoch.epoch));
    state.set_known(epoch.known);
    state.set_watermark(epoch.state.watermark);
    state.set_chain(epoch.state.chain);
    state.set_forked(epoch.state.forked);
    for (const LedgerEntry& entry : epoch.state.ledger) {
      auto& row = *state.add_ledger();
      row.set_base_seq(entry.base_seq);
      row.set_end_seq(entry.end_seq);
      row.set_chain(entry.chain);
    }
  }
}

void write_to(v1::ServerMessage& out, const ingest::Ack& from) {
  auto& to = *out.mutable_ack();
  to.set_epoch(bytes_of(from.epoch));
  to.set_watermark(from.watermark);
  for (const ingest::RecordRefusals& record : from.refusals) {
    auto& refusals = *to.add_refusals();
    refusals.set_seq(record.seq);
    for (const ingest::SampleRefusal& sample : record.samples) {
      auto& refusal = *refusals.add_samples();
      refusal.set_index(sample.index);
      refusal.set_code(sample.code);
      refusal.set_message(sample.message);
    }
  }
}

void write_to(v1::ServerMessage& out, const ingest::Nack& from) {
  auto& to = *out.mutable_nack();
  to.set_epoch(bytes_of(from.epoch));
  to.set_expected(from.expected);
  to.set_reason(from.reason);
}

void write_to(v1::ServerMessage& out, const ingest::Quarantined& from) {
  auto& to = *out.mutable_quarantined();
  to.set_epoch(bytes_of(from.epoch));
  to.set_seq(from.seq);
  to.set_reason(from.reason);
}

void write_to(v1::ServerMessage&, const ingest::Closed&) {}

}  // namespace

Result<ingest::RecordBatch> read(v1::Batch& from) {
  MW_ASSIGN(const StreamClass stream_class, read_class(from.stream_class()));
  MW_ASSIGN(const EpochId epoch, read_epoch("epoch", from.epoch()));
  ingest::RecordBatch batch{stream_class,     epoch,        from.base_seq(), {},
                            from.chain_end(), from.crc32c()};
  batch.records.reserve(static_cast<std::size_t>(from.records_size()));
  for (std::string& bytes : *from.mutable_records()) batch.records.push_back(std::move(bytes));
  return batch;
}

Result<ingest::GapNotice> read(const v1::Gap& from) {
  MW_ASSIGN(const StreamClass stream_class, read_class(from.stream_class()));
  MW_ASSIGN(const EpochId epoch, read_epoch("epoch", from.epoch()));
  ingest::GapNotice gap{stream_class,     epoch,         from.from_seq(),
                        from.to_seq(),    from.reason(), from.sample_count(),
                        from.chain_end(), std::nullopt};
  if (!from.about_epoch().empty()) {
    MW_ASSIGN(gap.about_epoch, read_epoch("about_epoch", from.about_epoch()));
  }
  return gap;
}

Result<ingest::Hello> read(const v1::Hello& from) {
  const auto& versions = from.proto_versions();
  if (std::find(versions.begin(), versions.end(), kProtoVersion) == versions.end()) {
    return failed_precondition("proto_versions has none that this hub speaks; it speaks 1");
  }
  if (from.epochs_size() > kMostEpochs) {
    return invalid_argument("epochs has " + std::to_string(from.epochs_size()) +
                            " entries; at most 64 are allowed");
  }
  ingest::Hello hello;
  for (const auto& offer : from.epochs()) {
    MW_ASSIGN(ingest::EpochOffer read, read_offer(offer));
    for (const ingest::EpochOffer& other : hello.epochs) {
      if (other.epoch == read.epoch && other.stream_class == read.stream_class) {
        return invalid_argument(
            "epochs names the same epoch of the same stream twice; offer each "
            "epoch once");
      }
    }
    hello.epochs.push_back(std::move(read));
  }
  return hello;
}

v1::ServerMessage write(const ingest::Reply& reply) {
  v1::ServerMessage out;
  std::visit([&](const auto& value) { write_to(out, value); }, reply);
  return out;
}

std::optional<std::int64_t> read_time(const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01
  constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31
  if (time.nanos() < 0 || time.nanos() > 999'999'999) return std::nullopt;
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond) return std::nullopt;
  return time.seconds() * 1'000'000 + time.nanos() / 1'000;
}

bool parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::ByteBuffer shared = bytes;  // the reader wants one of its own; the slices are not copied
  grpc::ProtoBufferReader reader(&shared);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer serialise(const google::protobuf::MessageLite& message) {
  const std::string bytes = message.SerializeAsString();
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

}  // namespace millwright::wire
