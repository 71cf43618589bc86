#include "uplink/device_api/registration.h"

#include <curl/curl.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace millwright::uplink {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAnswerBytes = 1 << 20;

std::size_t take_answer(char* bytes, std::size_t, std::size_t size, void* into) {
  auto* answer = static_cast<std::string*>(into);
  if (answer->size() + size > kMaxAnswerBytes) return 0;
  answer->append(bytes, size);
  return size;
}

json body_of(const RegistrationRequest& request) {
  json body = {{"tenant_identifier", request.tenant},
               {"device_identifier", request.device},
               {"timezone", request.timezone},
               {"description", request.description},
               {"city", request.city},
               {"country", request.country}};
  if (request.longitude_deg) body["long"] = *request.longitude_deg;
  if (request.latitude_deg) body["lat"] = *request.latitude_deg;
  if (!request.claim.empty()) body["claim"] = request.claim;
  return body;
}

ErrorCode code_of(long status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 429:
      return ErrorCode::kResourceExhausted;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
  }
}

Result<Registration> read_answer(long status, const std::string& text) {
  const json answer = json::parse(text, nullptr, false);
  const bool is_object = answer.is_object();
  const std::string message =
      is_object && answer.contains("message") && answer["message"].is_string()
          ? answer["message"].get<std::string>()
          : "the answer has no message";
  const bool is_success = is_object && answer.value("status", json()) == "success";
  if (status < 200 || status >= 300 || !is_success) {
    return Error{status >= 200 && status < 300 ? ErrorCode::kInvalidArgument : code_of(status),
                 "registration was refused (HTTP " + std::to_string(status) + "): " + message,
                 {}};
  }
  Registration registration{message, std::nullopt};
  const json data = answer.value("data", json());
  if (data.is_object() && data.contains("device_secret") && data["device_secret"].is_string()) {
    registration.device_secret = data["device_secret"].get<std::string>();
  }
  return registration;
}

}  // namespace

Result<Registration> register_device(const RegistrationRequest& request) {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return internal_error("libcurl does not start");
  const std::string url = request.api_url + "/api/v1/tenants/devices/register";
  const std::string body = body_of(request).dump(-1, ' ', false, json::error_handler_t::replace);
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"), curl_slist_free_all);
  std::string answer;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 15L);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return unavailable("the device management API at " + quote(request.api_url) +
                       " does not answer: " + (reason[0] ? reason : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return read_answer(status, answer);
}

}  // namespace millwright::uplink
