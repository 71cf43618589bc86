#include "registry/mlflow/mlflow_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <mutex>

#include "base/text.h"
#include "ml/model_file/bounded_json.h"

namespace millwright {
namespace {

using nlohmann::json;
using UrlPart = std::unique_ptr<char, void (*)(void*)>;

constexpr std::size_t kMaxAnswerBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxPages = 100;
constexpr std::string_view kArtifacts = "mlflow-artifacts:";

std::string escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

/// A part of an address; empty where it has none.
std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return "";
  const UrlPart owned(text, curl_free);
  return owned.get();
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// "a/b/c" of a path as an answer names it. Errors: where a part could lead elsewhere.
Result<std::string> checked_path(std::string_view path) {
  std::string out;
  while (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (name.empty() || name == "." || name == ".." || !is_header_text(name) ||
        name.find_first_of("\\%?#") != std::string_view::npos) {
      return failed_precondition("the MLflow server names artifacts at " + quote(path) +
                                 ", a path that is not followed");
    }
    out += (out.empty() ? "" : "/") + std::string(name);
  }
  if (!out.empty()) return out;
  return failed_precondition("the MLflow server names no path of the artifacts");
}

struct Sink {
  std::vector<std::byte> bytes;
  std::size_t limit = 0;
  bool is_too_long = false;
};

std::size_t take(char* data, std::size_t, std::size_t size, void* into) {
  auto* sink = static_cast<Sink*>(into);
  if (sink->bytes.size() + size > sink->limit) {
    sink->is_too_long = true;
    return 0;
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  sink->bytes.insert(sink->bytes.end(), bytes, bytes + size);
  return size;
}

std::string text_at(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string()
             ? object[key].get<std::string>()
             : std::string();
}

/// A version as the server writes it: "3". 0 where it is none.
int version_at(const json& object) {
  const std::string text = text_at(object, "version");
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

MlflowVersion read_version(const json& object) {
  MlflowVersion out;
  out.version = version_at(object);
  out.source = text_at(object, "source");
  out.run_id = text_at(object, "run_id");
  out.is_ready = text_at(object, "status") == "READY";
  if (object.is_object() && object.contains("creation_timestamp")) {
    const json& created = object["creation_timestamp"];
    // Milliseconds; older servers write them as text.
    constexpr std::int64_t kFarMs = 4'102'444'800'000;  // the year 2100
    std::int64_t ms = created.is_number_integer() ? created.get<std::int64_t>() : 0;
    if (created.is_string()) {
      const auto text = created.get<std::string>();
      std::from_chars(text.data(), text.data() + text.size(), ms);
    }
    out.created = from_us(std::clamp<std::int64_t>(ms, 0, kFarMs) * 1'000);
  }
  return out;
}

/// The members of an answer's list; none where it has no such list.
std::vector<json> list_at(const json& answer, const char* key) {
  if (!answer.contains(key) || !answer[key].is_array()) return {};
  return answer[key].get<std::vector<json>>();
}

}  // namespace

Result<MlflowClient> MlflowClient::create(MlflowOptions options) {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  while (options.url.ends_with('/')) options.url.pop_back();
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  const bool is_url = curl_url_set(url.get(), CURLUPART_URL, options.url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = is_url ? part(url.get(), CURLUPART_SCHEME) : "";
  const std::string host = is_url ? part(url.get(), CURLUPART_HOST) : "";
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
    return invalid_argument(
        "the address of the MLflow server holds credentials, which would be logged: set "
        "MLFLOW_TRACKING_TOKEN or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead");
  }
  if ((scheme != "http" && scheme != "https") || host.empty() ||
      !part(url.get(), CURLUPART_QUERY).empty() || !part(url.get(), CURLUPART_FRAGMENT).empty()) {
    return invalid_argument("the address of the MLflow server " + quote(options.url) +
                            " is none such as http://127.0.0.1:5000 or https://mlflow.example.com");
  }
  for (const auto* secret : {&options.token, &options.user, &options.password}) {
    if (!is_header_text(*secret)) {
      return invalid_argument(
          "the MLflow server's token, user or password has characters that are not printable");
    }
  }
  const bool has_secret = !options.token.empty() || !options.user.empty();
  if (has_secret && scheme == "http" && !is_loopback(host)) {
    return failed_precondition("credentials for the MLflow server would travel in clear to " +
                               quote(host) + ": use its https address");
  }
  return MlflowClient(std::move(options));
}

Result<MlflowClient::Answer> MlflowClient::request(const std::string& path, std::size_t limit,
                                                   std::chrono::seconds timeout) const {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return internal_error("libcurl does not start");
  const std::string url = options_.url + path;
  Sink sink;
  sink.limit = limit;
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 3L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  if (!options_.token.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl.get(), CURLOPT_XOAUTH2_BEARER, options_.token.c_str());
  } else if (!options_.user.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, options_.password.c_str());
  }
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK && !sink.is_too_long) {
    return unavailable("the MLflow server at " + quote(options_.url) + " does not answer",
                       reason[0] ? reason : curl_easy_strerror(code));
  }
  Answer answer;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = std::move(sink.bytes);
  answer.is_too_long = sink.is_too_long;
  return answer;
}

Error MlflowClient::unexpected(const Answer& answer) const {
  const std::string who = "the MLflow server at " + quote(options_.url);
  const std::string status = " (HTTP " + std::to_string(answer.status) + ")";
  if (answer.status == 401 || answer.status == 403) {
    return unavailable(who + " refuses us" + status +
                       ": set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and "
                       "MLFLOW_TRACKING_PASSWORD, and name us in its --allowed-hosts");
  }
  if (answer.status >= 300 && answer.status < 400) {
    return unavailable(who + " sends us elsewhere" + status +
                       ", which is not followed: configure the address itself");
  }
  return unavailable(who + " gives no answer that can be used" + status);
}

Result<json> MlflowClient::ask(const std::string& call) const {
  MW_ASSIGN(const Answer answer,
            request("/api/2.0/mlflow/" + call, kMaxAnswerBytes, options_.answer_timeout));
  if (answer.is_too_long) return unexpected(answer);
  const auto body = ml::read_bounded_json(
      answer.body, ml::JsonForm::kText, {.bytes = kMaxAnswerBytes, .depth = 32, .values = 500'000});
  const bool is_object = body && body->is_object();
  if (answer.status == 404 && is_object &&
      text_at(*body, "error_code") == "RESOURCE_DOES_NOT_EXIST") {
    return not_found("the MLflow server says: " + quote(text_at(*body, "message")));
  }
  if (answer.status != 200 || !is_object) return unexpected(answer);
  return *body;
}

Result<std::vector<std::string>> MlflowClient::names() const {
  std::vector<std::string> names;
  std::string page;
  for (std::size_t i = 0; i < kMaxPages; ++i) {
    MW_ASSIGN(const json answer, ask("registered-models/search?max_results=100" +
                                     (page.empty() ? "" : "&page_token=" + escaped(page))));
    for (const json& model : list_at(answer, "registered_models")) {
      names.push_back(text_at(model, "name"));
    }
    page = text_at(answer, "next_page_token");
    if (page.empty()) break;
  }
  return names;
}

Result<std::optional<int>> MlflowClient::alias(std::string_view name,
                                               std::string_view alias) const {
  MW_ASSIGN(const json answer, ask("registered-models/get?name=" + escaped(name)));
  const json model = answer.value("registered_model", json::object());
  for (const json& known : list_at(model, "aliases")) {
    const int version = version_at(known);
    if (text_at(known, "alias") == alias && version > 0) return std::optional(version);
  }
  return std::optional<int>();
}

Result<std::vector<MlflowVersion>> MlflowClient::versions(std::string_view name) const {
  std::vector<MlflowVersion> versions;
  std::string page;
  const std::string filter = escaped("name='" + std::string(name) + "'");
  for (std::size_t i = 0; i < kMaxPages; ++i) {
    MW_ASSIGN(const json answer, ask("model-versions/search?max_results=100&filter=" + filter +
                                     (page.empty() ? "" : "&page_token=" + escaped(page))));
    for (const json& version : list_at(answer, "model_versions")) {
      versions.push_back(read_version(version));
    }
    page = text_at(answer, "next_page_token");
    if (page.empty()) break;
  }
  std::erase_if(versions, [](const MlflowVersion& v) { return v.version == 0; });
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return a.version < b.version; });
  return versions;
}

Result<MlflowVersion> MlflowClient::version(std::string_view name, int version) const {
  MW_ASSIGN(const json answer, ask("model-versions/get?name=" + escaped(name) +
                                   "&version=" + std::to_string(version)));
  MlflowVersion read = read_version(answer.value("model_version", json::object()));
  if (read.version == version) return read;
  return unavailable("the MLflow server at " + quote(options_.url) +
                     " answers with another version than was asked for");
}

Result<std::string> MlflowClient::artifact_folder(std::string_view name, int version) const {
  MW_ASSIGN(const json answer, ask("model-versions/get-download-uri?name=" + escaped(name) +
                                   "&version=" + std::to_string(version)));
  const std::string uri = text_at(answer, "artifact_uri");
  std::string_view path = uri;
  if (!path.starts_with(kArtifacts)) {
    return failed_precondition("the MLflow server keeps the model at " + quote(uri) +
                               ", which it does not hand out itself: start it with "
                               "--serve-artifacts and --artifacts-destination, and log it again");
  }
  path.remove_prefix(kArtifacts.size());
  if (path.starts_with("//")) {  // with a host, which must be the one that is asked
    path.remove_prefix(2);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view host = path.substr(0, slash);
    const std::size_t ours = options_.url.find("://") + 3;
    if (!host.empty() && host != std::string_view(options_.url).substr(ours)) {
      return failed_precondition("the MLflow server names artifacts at the host " + quote(host) +
                                 ", which is not asked");
    }
    path.remove_prefix(slash);
  }
  return checked_path(path);
}

Result<std::vector<std::byte>> MlflowClient::artifact(const std::string& path,
                                                      std::size_t limit) const {
  MW_ASSIGN(const std::string checked, checked_path(path));
  std::string target = "/api/2.0/mlflow-artifacts/artifacts/";
  for (const char c : checked) target += c == '/' ? "/" : escaped({&c, 1});
  MW_ASSIGN(Answer answer, request(target, limit, options_.download_timeout));
  const std::string name = quote(checked.substr(checked.rfind('/') + 1));
  if (answer.status == 404) return not_found("the MLflow server has no file " + name);
  if (answer.status != 200) return unexpected(answer);
  if (answer.is_too_long) {
    return failed_precondition("its file " + name + " is longer than " + std::to_string(limit) +
                               " bytes: train a smaller model");
  }
  return std::move(answer.body);
}

}  // namespace millwright
