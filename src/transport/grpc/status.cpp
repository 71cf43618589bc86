#include "transport/grpc/status.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>

namespace millwright {
namespace {

constexpr int kRetryAfterS = 30;

/// One length-delimited field of a message: tag, length below 128, bytes.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

/// A google.rpc.Status with a google.rpc.RetryInfo, whose .proto files Debian does not have:
/// Status{code = 1, details = 3}, RetryInfo{retry_delay = 1}.
std::string retry_details(grpc::StatusCode code) {
  google::protobuf::Duration delay;
  delay.set_seconds(kRetryAfterS);
  google::protobuf::Any info;
  info.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  info.set_value(field(1, delay.SerializeAsString()));
  const std::string code_field{1 << 3, static_cast<char>(code)};
  return code_field + field(3, info.SerializeAsString());
}

}  // namespace

grpc::Status to_status(const Error& error) {
  const auto code = static_cast<grpc::StatusCode>(error.code);
  if (error.code != ErrorCode::kResourceExhausted) return {code, error.message};
  return {code, error.message, retry_details(code)};
}

std::string_view code_name(grpc::StatusCode code) {
  static constexpr std::string_view kNames[] = {"OK",
                                                "CANCELLED",
                                                "UNKNOWN",
                                                "INVALID_ARGUMENT",
                                                "DEADLINE_EXCEEDED",
                                                "NOT_FOUND",
                                                "ALREADY_EXISTS",
                                                "PERMISSION_DENIED",
                                                "RESOURCE_EXHAUSTED",
                                                "FAILED_PRECONDITION",
                                                "ABORTED",
                                                "OUT_OF_RANGE",
                                                "UNIMPLEMENTED",
                                                "INTERNAL",
                                                "UNAVAILABLE",
                                                "DATA_LOSS",
                                                "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

}  // namespace millwright
