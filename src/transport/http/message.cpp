#include "transport/http/message.h"

#include <atomic>

#include "base/log.h"
#include "base/text.h"

namespace millwright::http {

std::string_view Request::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

bool Request::has_header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return true;
  }
  return false;
}

Result<std::optional<std::string>> Request::parameter(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : query) {
    if (key != name) continue;
    if (found) {
      return invalid_argument("query parameter " + quote(name) + " is given twice; give it once");
    }
    found = value;
  }
  return found;
}

struct Respond::State {
  explicit State(std::function<void(Response)> d) : deliver(std::move(d)) {}
  ~State() {
    if (answered.exchange(true)) return;
    deliver(json_response(500, {{"status", "error"},
                                {"code", "internal"},
                                {"message", "the request was not answered; try again"}}));
  }
  std::function<void(Response)> deliver;
  std::atomic<bool> answered{false};
};

Respond::Respond(std::function<void(Response)> deliver)
    : state_(std::make_shared<State>(std::move(deliver))) {}

void Respond::operator()(Response response) const {
  if (!state_->answered.exchange(true)) state_->deliver(std::move(response));
}

Response json_response(int status, const nlohmann::json& body) {
  Response response;
  response.status = status;
  response.with("Content-Type", "application/json");
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

Response success(std::string_view message, const nlohmann::json& data, int status) {
  nlohmann::json body{{"status", "success"}, {"message", message}};
  if (!data.is_null()) body["data"] = data;
  return json_response(status, body);
}

Response failure(const Request& request, const Error& error) {
  return failure(request, error, http_status(error.code));
}

Response failure(const Request& request, const Error& error, int status) {
  if (status >= 500 && !error.detail.empty()) {
    log::error("request failed",
               {{"request_id", request.id}, {"error", error.message}, {"detail", error.detail}});
  }
  Response response = json_response(status, {{"status", "error"},
                                             {"code", to_string(error.code)},
                                             {"message", error.message},
                                             {"request_id", request.id}});
  if (status == 401) response.with("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503) response.with("Retry-After", "5");
  return response;
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kOutOfRange:
      return 422;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kAborted:
      return 409;
    case ErrorCode::kResourceExhausted:
      return 429;
    case ErrorCode::kUnimplemented:
      return 501;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCancelled:
      return 503;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kUnknown:
    case ErrorCode::kInternal:
    case ErrorCode::kDataLoss:
      return 500;
  }
  return 500;
}

}  // namespace millwright::http
