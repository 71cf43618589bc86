#pragma once
/// Errors as gRPC statuses: the codes are the same.

#include <grpcpp/support/status.h>

#include "base/result.h"

namespace millwright {

/// kResourceExhausted carries google.rpc.RetryInfo: come again in 30 s.
grpc::Status to_status(const Error& error);

/// "OK", "INVALID_ARGUMENT" ... for counters.
std::string_view code_name(grpc::StatusCode code);

}  // namespace millwright
