#include "base/result.h"

namespace millwright {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kUnknown:
      return "unknown";
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kResourceExhausted:
      return "resource_exhausted";
    case ErrorCode::kFailedPrecondition:
      return "failed_precondition";
    case ErrorCode::kAborted:
      return "aborted";
    case ErrorCode::kOutOfRange:
      return "out_of_range";
    case ErrorCode::kUnimplemented:
      return "unimplemented";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDataLoss:
      return "data_loss";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
  }
  return "unknown";
}

Error invalid_argument(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}};
}
Error not_found(std::string message) { return {ErrorCode::kNotFound, std::move(message), {}}; }
Error permission_denied(std::string message) {
  return {ErrorCode::kPermissionDenied, std::move(message), {}};
}
Error unauthenticated(std::string message) {
  return {ErrorCode::kUnauthenticated, std::move(message), {}};
}
Error failed_precondition(std::string message) {
  return {ErrorCode::kFailedPrecondition, std::move(message), {}};
}
Error already_exists(std::string message) {
  return {ErrorCode::kAlreadyExists, std::move(message), {}};
}
Error resource_exhausted(std::string message) {
  return {ErrorCode::kResourceExhausted, std::move(message), {}};
}
Error unavailable(std::string message, std::string detail) {
  return {ErrorCode::kUnavailable, std::move(message), std::move(detail)};
}
Error internal_error(std::string message, std::string detail) {
  return {ErrorCode::kInternal, std::move(message), std::move(detail)};
}

}  // namespace millwright
