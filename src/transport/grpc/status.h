#pragma once
/// Errors as gRPC statuses: the codes are the same.

#include <grpcpp/support/status.h>

#include "base/result.h"

namespace millwright {

inline grpc::Status to_status(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

/// "OK", "INVALID_ARGUMENT" ... for counters.
std::string_view code_name(grpc::StatusCode code);

}  // namespace millwright
