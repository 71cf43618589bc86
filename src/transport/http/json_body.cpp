#include "transport/http/json_body.h"

#include <cmath>
#include <set>

#include "base/text.h"

namespace millwright::http {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxMany = 1000;

/// Ends the parser from inside its callback; never leaves parse_json.
struct Refusal {
  Error error;
};

std::string shown(const json& value) {
  return quote(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

Error wrong_type(const char* name, const char* wanted, const json& value) {
  return invalid_argument("field '" + std::string(name) + "' must be " + wanted + ", not " +
                          shown(value));
}

Error missing(const char* name) {
  return invalid_argument("field '" + std::string(name) + "' is missing; add it to the body");
}

/// Sees each key as it is read; the parser itself would keep the last of two in silence.
class StrictReader {
 public:
  bool operator()(int, json::parse_event_t event, json& value) {
    using E = json::parse_event_t;
    if (event == E::object_start || event == E::array_start) {
      if (keys_.size() == kMaxDepth) {
        throw Refusal{invalid_argument("the JSON is nested deeper than 32 levels; flatten it")};
      }
      keys_.emplace_back();
    } else if (event == E::object_end || event == E::array_end) {
      keys_.pop_back();
    } else if (event == E::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        throw Refusal{invalid_argument("key " + quote(key) + " stands twice; send it once")};
      }
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<json> parse_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) {
    return invalid_argument("the JSON begins with a byte order mark; leave it out");
  }
  try {
    StrictReader reader;
    return json::parse(text, [&reader](int depth, json::parse_event_t event, json& value) {
      return reader(depth, event, value);
    });
  } catch (const Refusal& refusal) {
    return refusal.error;
  } catch (const json::parse_error& e) {
    return invalid_argument("malformed JSON at byte " + std::to_string(e.byte) +
                            "; send one JSON object in UTF-8");
  } catch (const json::exception&) {
    return invalid_argument("the JSON holds a number that is out of range");
  }
}

Result<JsonBody> JsonBody::read(const Request& request) {
  std::string type(
      request.header("content-type").substr(0, request.header("content-type").find(';')));
  while (type.ends_with(' ')) type.pop_back();
  for (char& c : type) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (type != "application/json") {
    return Error{ErrorCode::kUnimplemented,
                 "Content-Type is " + quote(request.header("content-type")) +
                     "; send the body as application/json",
                 {}};
  }
  MW_ASSIGN(json value, parse_json(request.body));
  if (!value.is_object()) {
    return invalid_argument("the body must be a JSON object, not " + shown(value));
  }
  return JsonBody(std::move(value));
}

bool JsonBody::has(const char* name) const {
  const auto it = object_.find(name);
  return it != object_.end() && !it->is_null();
}

Result<> JsonBody::allow_only(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, value] : object_.items()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    std::string list;
    for (const std::string_view name : names) {
      list += (list.empty() ? "" : ", ") + std::string(name);
    }
    return invalid_argument("field " + quote(key) + " is unknown; known are " + list);
  }
  return {};
}

Result<std::optional<std::string>> JsonBody::optional_text(const char* name) const {
  if (!has(name)) return std::optional<std::string>();
  const json& value = object_[name];
  if (!value.is_string()) return wrong_type(name, "a text", value);
  return std::optional<std::string>(value.get<std::string>());
}

Result<std::string> JsonBody::text(const char* name) const {
  MW_ASSIGN(std::optional<std::string> value, optional_text(name));
  if (!value) return missing(name);
  return std::move(*value);
}

Result<std::optional<double>> JsonBody::optional_number(const char* name) const {
  if (!has(name)) return std::optional<double>();
  const json& value = object_[name];
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    return wrong_type(name, "a number", value);
  }
  return std::optional<double>(value.get<double>());
}

Result<std::optional<std::int64_t>> JsonBody::optional_integer(const char* name) const {
  if (!has(name)) return std::optional<std::int64_t>();
  const json& value = object_[name];
  constexpr std::uint64_t kMost = INT64_MAX;
  if (!value.is_number_integer() ||
      (value.is_number_unsigned() && value.get<std::uint64_t>() > kMost)) {
    return wrong_type(name, "a whole number", value);
  }
  return std::optional<std::int64_t>(value.get<std::int64_t>());
}

Result<TenantId> JsonBody::tenant() const {
  MW_ASSIGN(const std::string value, text("tenant_identifier"));
  return TenantId::parse(value);
}

Result<DeviceId> JsonBody::device() const {
  MW_ASSIGN(const std::string value, text("device_identifier"));
  return DeviceId::parse(value);
}

Result<std::vector<std::string>> JsonBody::one_or_many(const char* name, bool& is_list) const {
  if (!has(name)) return missing(name);
  const json& value = object_[name];
  is_list = value.is_array();
  if (value.is_string()) return std::vector<std::string>{value.get<std::string>()};
  if (!is_list || value.empty() || value.size() > kMaxMany) {
    return wrong_type(name, "a text or a list of 1 to 1000 texts", value);
  }
  std::vector<std::string> all;
  for (const json& entry : value) {
    if (!entry.is_string()) return wrong_type(name, "a list of texts", entry);
    all.push_back(entry.get<std::string>());
  }
  return all;
}

Response body_failure(const Request& request, const Error& error) {
  return failure(request, error,
                 error.code == ErrorCode::kUnimplemented ? 415 : http_status(error.code));
}

}  // namespace millwright::http
