#include "base/ids.h"

#include "base/text.h"

namespace millwright {
namespace detail {
namespace {

constexpr std::size_t kMinIdentifier = 6;
constexpr std::size_t kMaxIdentifier = 64;
constexpr std::size_t kMaxLabel = 64;
constexpr std::size_t kMaxLabels = 32;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string say(std::string_view what, std::string_view text, std::string_view rule) {
  return std::string(what) + " " + quote(text) + " " + std::string(rule);
}

}  // namespace

Result<std::string> check_identifier(std::string_view what, std::string_view text) {
  if (text.size() < kMinIdentifier || text.size() > kMaxIdentifier) {
    return invalid_argument(say(what, text, "must have 6 to 64 characters"));
  }
  for (const char c : text) {
    if (!is_word(c) && c != '-') {
      return invalid_argument(say(what, text, "may hold letters, digits, '_' and '-' only"));
    }
  }
  return std::string(text);
}

Result<std::string> check_dotted(std::string_view what, std::string_view text, bool allow_hyphen) {
  if (text.size() > kMaxLabels * (kMaxLabel + 1)) {
    return invalid_argument(say(what, text, "is longer than 32 labels of 64 characters"));
  }
  std::size_t labels = 1;
  std::size_t length = 0;
  for (const char c : text) {
    if (c == '.') {
      if (length == 0) return invalid_argument(say(what, text, "has an empty label"));
      length = 0;
      ++labels;
    } else if (is_word(c) || (allow_hyphen && c == '-')) {
      if (++length > kMaxLabel) {
        return invalid_argument(say(what, text, "has a label of more than 64 characters"));
      }
    } else {
      return invalid_argument(
          say(what, text, "may hold labels of letters, digits and '_' only, joined by dots"));
    }
  }
  if (length == 0) return invalid_argument(say(what, text, "has an empty label"));
  if (labels > kMaxLabels) return invalid_argument(say(what, text, "has more than 32 labels"));
  return std::string(text);
}

}  // namespace detail

bool is_within(const Path& path, const Path& root) {
  const std::string& p = path.str();
  const std::string& r = root.str();
  if (r.empty()) return true;
  return p.starts_with(r) && (p.size() == r.size() || p[r.size()] == '.');
}

}  // namespace millwright
