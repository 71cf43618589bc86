#include "transport/http/target.h"

#include "base/text.h"

namespace millwright::http {
namespace {

constexpr std::size_t kMaxParameters = 100;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte of the escape at `i`, or -1.
int escape(std::string_view text, std::size_t i) {
  if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return -1;
  return hex(text[i + 1]) * 16 + hex(text[i + 2]);
}

bool is_unreserved(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<std::string> decode_path(std::string_view raw) {
  std::string path;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    int c = static_cast<unsigned char>(raw[i]);
    if (c == '%') {
      c = escape(raw, i);
      if (c < 0 || is_unreserved(c) || c == '/' || c == '%') return std::nullopt;
      i += 2;
    }
    if (c < 0x20 || c == 0x7f || c == '\\' || c == ';' || c == '#') return std::nullopt;
    path += static_cast<char>(c);
  }
  if (!is_utf8(path)) return std::nullopt;
  return path;
}

bool has_canonical_segments(std::string_view path) {
  if (path == "/") return true;
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

std::optional<std::string> decode_query(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    int c = static_cast<unsigned char>(raw[i]);
    if (c == '+') c = ' ';
    if (c == '%') {
      c = escape(raw, i);
      if (c < 0) return std::nullopt;
      i += 2;
    }
    out += static_cast<char>(c);
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::nullopt;
  const auto question = target.find('?');
  const auto path = decode_path(target.substr(0, question));
  if (!path || !has_canonical_segments(*path)) return std::nullopt;
  Target parsed{*path, {}};
  if (question == std::string_view::npos) return parsed;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = decode_query(pair.substr(0, equals));
    const auto value = decode_query(equals == std::string_view::npos ? std::string_view{}
                                                                     : pair.substr(equals + 1));
    if (!name || !value || parsed.query.size() == kMaxParameters) return std::nullopt;
    parsed.query.emplace_back(*name, *value);
  }
  return parsed;
}

}  // namespace millwright::http
