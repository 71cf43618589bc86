#include <zlib.h>

#include <array>
#include <ctime>

#include "base/log.h"
#include "transport/http/server_state.h"

namespace millwright::http {
namespace {

constexpr std::size_t kWorthCompressing = 1024;
constexpr int kCompressionLevel = 5;

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
    "data:; connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

bool has_header(const Response& response, std::string_view wanted) {
  for (const auto& [name, value] : response.headers) {
    if (name == wanted) return true;
  }
  return false;
}

bool is_compressible(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Content-Encoding" || name == "Content-Range") return false;
    if (name == "Content-Type" && !value.starts_with("text/") &&
        !value.starts_with("application/j") && !value.starts_with("application/graphql") &&
        !value.starts_with("image/svg")) {
      return false;
    }
  }
  return response.body.size() >= kWorthCompressing;
}

/// Empty when zlib fails; the answer then goes as it is.
std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, kCompressionLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return result == Z_STREAM_END ? out : std::string();
}

void add_security_headers(const ServerState& server, Response& response) {
  response.with("Content-Security-Policy", std::string(kContentSecurityPolicy))
      .with("X-Content-Type-Options", "nosniff")
      .with("Referrer-Policy", "no-referrer")
      .with("Cross-Origin-Opener-Policy", "same-origin")
      .with("Cross-Origin-Embedder-Policy", "require-corp")
      .with("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (!has_header(response, "Access-Control-Allow-Origin")) {
    response.with("Cross-Origin-Resource-Policy", "same-origin");
  }
  if (server.options.hsts) {
    response.with("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload");
  }
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), size};
}

}  // namespace

void complete_response(const ServerState& server, const Request& request, Response& response) {
  add_cors_headers(server.options.origins, request, response);
  add_security_headers(server, response);
  if (!has_header(response, "Cache-Control")) response.with("Cache-Control", "no-store");
  response.with("X-Request-Id", request.id);
  if (is_compressible(response)) {
    response.with("Vary", "Accept-Encoding");
    if (request.header("accept-encoding").find("gzip") != std::string_view::npos) {
      if (std::string small = gzip(response.body); !small.empty()) {
        response.body = std::move(small);
        // The same tag for other bytes: it becomes a weak one.
        for (auto& [name, value] : response.headers) {
          if (name == "ETag" && !value.starts_with("W/")) value = "W/" + value;
        }
        response.with("Content-Encoding", "gzip");
      }
    }
  }
}

std::string serialize(const Response& response, bool keep_alive, bool without_body) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text += reason(response.status);
  text += "\r\nDate: " + http_date() + "\r\nServer: millwright\r\n";
  for (const auto& [name, value] : response.headers) {
    text += name;
    text += ": ";
    // A line break in a value would begin a header of somebody else's making.
    for (const char c : value) text += (c == '\r' || c == '\n') ? ' ' : c;
    text += "\r\n";
  }
  if (response.status != 204 && response.status != 304) {
    text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  text += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (!without_body && response.status != 204 && response.status != 304) text += response.body;
  return text;
}

void record_request(ServerState& server, const Request& request, std::string_view pattern,
                    int status, std::chrono::steady_clock::duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const std::string route(pattern.empty() ? "none" : pattern);
  // The method is the caller's text: only known ones become labels.
  static constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                            "PATCH", "DELETE", "OPTIONS"};
  const bool known = std::find(kMethods.begin(), kMethods.end(), request.method) != kMethods.end();
  server.telemetry
      .counter("millwright_http_requests_total", "Answered HTTP requests",
               {{"route", route},
                {"method", known ? request.method : "other"},
                {"status", std::to_string(status)}})
      .add();
  server.telemetry
      .histogram("millwright_http_request_seconds", "Time from request to answer",
                 telemetry::duration_bounds(), {{"route", route}})
      .observe(seconds);
  const bool is_probe = route == "/healthz" || route == "/readyz" || route == "/metrics";
  log::write(is_probe ? log::Level::kDebug : log::Level::kInfo, "request",
             {{"request_id", request.id},
              {"method", request.method},
              {"path", request.path},
              {"status", status},
              {"ms", seconds * 1e3}});
}

}  // namespace millwright::http
