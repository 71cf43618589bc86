#pragma once
/// JSON from outside, read strictly, and its fields with errors that name them.
///
/// Refused: anything but one object, a key twice, more than 32 levels, numbers out of range, texts
/// that are no UTF-8. null means absent. Pure; any thread.

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "transport/http/message.h"

namespace millwright::http {

/// One JSON value, strictly read. Errors: kInvalidArgument with the place.
Result<nlohmann::json> parse_json(std::string_view text);

class JsonBody {
 public:
  /// The object of a request with Content-Type application/json. Errors: kInvalidArgument;
  /// kUnimplemented for another content type (415).
  static Result<JsonBody> read(const Request& request);
  explicit JsonBody(nlohmann::json object) : object_(std::move(object)) {}

  const nlohmann::json& object() const { return object_; }
  bool has(const char* name) const;
  /// Refuses members that are not in the list, in words that name them.
  Result<> allow_only(std::initializer_list<std::string_view> names) const;

  Result<std::string> text(const char* name) const;
  Result<std::optional<std::string>> optional_text(const char* name) const;
  Result<std::optional<double>> optional_number(const char* name) const;
  Result<std::optional<std::int64_t>> optional_integer(const char* name) const;
  Result<TenantId> tenant() const;  ///< tenant_identifier
  Result<DeviceId> device() const;  ///< device_identifier
  /// device_identifier, one or a list of 1 to 1000; `is_list` tells which.
  Result<std::vector<std::string>> one_or_many(const char* name, bool& is_list) const;

 private:
  nlohmann::json object_;
};

/// The answer to a body that cannot be read: 415 or 422.
Response body_failure(const Request& request, const Error& error);

}  // namespace millwright::http
