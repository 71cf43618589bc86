#pragma once
/// Messages of the wire to the values of ingest/protocol.h and back. Pure; any thread.
///
/// Errors: kInvalidArgument naming field and value.

#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "ingest/protocol.h"
#include "millwright/ingest/v1/ingest.pb.h"

namespace millwright::wire {

inline constexpr std::uint32_t kProtoVersion = 1;
inline constexpr int kMostEpochs = 64;
inline constexpr int kMostChainPoints = 1'024;

/// Takes the records' bytes out of the message.
Result<ingest::RecordBatch> read(ingest::v1::Batch& from);
Result<ingest::GapNotice> read(const ingest::v1::Gap& from);
/// Errors: kFailedPrecondition where no common protocol version exists.
Result<ingest::Hello> read(const ingest::v1::Hello& from);

/// Closed has no wire form: it becomes the stream's status.
ingest::v1::ServerMessage write(const ingest::Reply& reply);

/// Missing for what is no time: nanos outside 0..999999999, years outside 1..9999.
std::optional<std::int64_t> read_time(const google::protobuf::Timestamp& time);

/// False where the bytes are no such message.
bool parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);
grpc::ByteBuffer serialise(const google::protobuf::MessageLite& message);

}  // namespace millwright::wire
