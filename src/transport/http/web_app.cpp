#include <sodium.h>

#include <array>
#include <fstream>
#include <mutex>

#include "base/text.h"
#include "transport/http/api.h"

// The web app's files. Names with a hash (assets/index-3f2a.js) never change their content and are
// cached for ever; everything else is asked for again with its ETag.
namespace millwright::http {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 32 << 20;

std::string_view content_type(const fs::path& path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".txt", "text/plain; charset=utf-8"},
      {".map", "application/json"},
  }};
  const std::string extension = path.extension().string();
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return type;
  }
  return "application/octet-stream";
}

struct StaticFile {
  fs::file_time_type changed;
  std::string content;
  std::string gzip;  ///< of the file beside it, NAME.gz; empty where there is none
  std::string etag;
};

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  if (fs::file_size(path, error) > kLargestFile || error) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string hash_of(std::string_view content) {
  std::array<unsigned char, 16> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                     nullptr, 0);
  return to_hex(digest);
}

/// Reads each file once and again after it has changed. Thread-safe.
class FileCache {
 public:
  explicit FileCache(fs::path root) : root_(std::move(root)) {}

  /// `path` is canonical: no empty or dotted segments. Null for what is no regular file in here.
  std::shared_ptr<const StaticFile> find(std::string_view path) {
    const fs::path file = root_ / fs::path(path.substr(1));
    std::error_code error;
    // A link could lead out of the folder.
    if (fs::symlink_status(file, error).type() != fs::file_type::regular) return nullptr;
    const auto changed = fs::last_write_time(file, error);
    if (error) return nullptr;
    const std::lock_guard lock(mutex_);
    auto& slot = files_[std::string(path)];
    if (slot && slot->changed == changed) return slot;
    auto content = read_file(file);
    if (!content) return nullptr;
    StaticFile loaded{changed, std::move(*content), {}, {}};
    loaded.gzip = read_file(file.string() + ".gz").value_or("");
    loaded.etag = hash_of(loaded.content);
    slot = std::make_shared<const StaticFile>(std::move(loaded));
    return slot;
  }

 private:
  fs::path root_;
  std::mutex mutex_;  // guards files_; only paths of files that exist get in
  std::map<std::string, std::shared_ptr<const StaticFile>> files_;
};

bool accepts_gzip(const Request& request) {
  return request.header("accept-encoding").find("gzip") != std::string_view::npos;
}

/// Whether one of the tags of If-None-Match is ours; W/ makes no difference here.
bool is_unchanged(const Request& request, const std::string& etag) {
  const std::string_view tags = request.header("if-none-match");
  return tags == "*" || tags.find(etag) != std::string_view::npos;
}

Response file_response(const Request& request, const StaticFile& file, const std::string& path) {
  const bool zipped = !file.gzip.empty() && accepts_gzip(request);
  // The two encodings are two representations and need two tags.
  const std::string etag = "\"" + file.etag + (zipped ? "-gz\"" : "\"");
  Response response;
  response.with("Content-Type", std::string(content_type(path)))
      .with("ETag", etag)
      .with("Vary", "Accept-Encoding")
      .with("Cache-Control",
            path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  if (is_unchanged(request, etag)) {
    response.status = 304;
    return response;
  }
  if (zipped) response.with("Content-Encoding", "gzip");
  response.body = zipped ? file.gzip : file.content;
  return response;
}

bool is_reserved(const std::string& path) {
  for (const std::string_view prefix : {"/api", "/ws", "/graphql", "/assets"}) {
    if (path == prefix || path.starts_with(std::string(prefix) + "/")) return true;
  }
  return false;
}

/// A path that a person may have opened: the app's router shows it.
bool looks_like_page(const std::string& path) {
  return !is_reserved(path) && path.substr(path.rfind('/')).find('.') == std::string::npos;
}

}  // namespace

void add_web_app(Router& router, const std::filesystem::path& folder) {
  const auto cache = std::make_shared<FileCache>(folder);
  const Handler handler = [cache](const Request& request, const Respond& respond) {
    std::string path = request.path == "/" ? "/index.html" : request.path;
    auto file = path.ends_with(".gz") || (is_reserved(path) && !path.starts_with("/assets/"))
                    ? nullptr
                    : cache->find(path);
    if (!file && looks_like_page(path)) {
      path = "/index.html";
      file = cache->find(path);
      if (!file) {
        return respond(failure(
            request, unavailable("the web app is not built; build it in web/ and start again")));
      }
    }
    if (!file) {
      return respond(failure(request, not_found("path " + quote(request.path) +
                                                " does not exist; /api/docs lists what does")));
    }
    respond(file_response(request, *file, path));
  };
  router.set_fallback(handler);
}

}  // namespace millwright::http
