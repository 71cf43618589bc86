#pragma once
/// A request and its response, as handlers see them. No network library shows here.
///
/// Threads: a Request belongs to the handler that gets it. A Respond may be called from any thread,
/// once; later calls do nothing.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace millwright::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;                         ///< upper case
  std::string target;                         ///< as it was sent, for messages only
  std::string path;                           ///< decoded once, "/api/v1/tenants"
  Headers query;                              ///< decoded, in order
  Headers headers;                            ///< names in lower case, values without spaces around
  std::string body;                           ///< decoded from chunks, at most the limit
  std::map<std::string, std::string> params;  ///< `{name}` of the route
  std::string id;                             ///< for log lines and the header X-Request-Id
  std::string remote;                         ///< address of the peer

  /// Empty when the header is missing.
  std::string_view header(std::string_view lower_case_name) const;
  bool has_header(std::string_view lower_case_name) const;
  /// Missing when absent. Errors: kInvalidArgument when the parameter is given twice.
  Result<std::optional<std::string>> parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// Answers one request. When the last copy goes without an answer, the caller gets a 500.
class Respond {
 public:
  explicit Respond(std::function<void(Response)> deliver);
  void operator()(Response response) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Runs on the worker pool and may block there for the time of a store's call.
using Handler = std::function<void(const Request&, Respond)>;

/// `{"status":"success","message":...,"data":...}`; without data when it is null.
Response success(std::string_view message, const nlohmann::json& data = nullptr, int status = 200);
/// `{"status":"error","code":...,"message":...,"request_id":...}` with the code's HTTP status; the
/// error's detail goes to the log.
Response failure(const Request& request, const Error& error);
/// The same with a status of the caller's choice.
Response failure(const Request& request, const Error& error, int status);
/// Any JSON text.
Response json_response(int status, const nlohmann::json& body);

int http_status(ErrorCode code);

}  // namespace millwright::http
