#pragma once
/// One bidirectional stream over gRPC's callback API.

#include <grpcpp/grpcpp.h>

#include "millwright/ingest/v1/ingest.grpc.pb.h"
#include "uplink/uplink.h"

namespace millwright::uplink {

std::unique_ptr<Session> open_grpc_session(::millwright::ingest::v1::Ingest::Stub& stub,
                                           const std::string& token, std::function<void()> wake);

/// The codes are the same numbers.
Error to_error(const grpc::Status& status);

}  // namespace millwright::uplink
